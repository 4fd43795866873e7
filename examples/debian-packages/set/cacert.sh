# All certificate authorities in one file, in a fixed order.
set -e
umask 022
mkdir -p "$out/etc/ssl/certs"
cd "$src/share/ca-certificates"
find . -name '*.crt' -print0 | sort -z | xargs -0 cat > "$out/etc/ssl/certs/ca-bundle.crt"
test "$(grep -c 'BEGIN CERTIFICATE' "$out/etc/ssl/certs/ca-bundle.crt")" -gt 100
ln -s ca-bundle.crt "$out/etc/ssl/certs/ca-certificates.crt"
exit 0
