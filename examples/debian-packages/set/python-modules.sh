# Modules, where nixpkgs has them.
set -e
umask 022
mkdir -p "$out/lib/$pythonVersion"
for d in $from; do
  for m in "$d/lib/python3/dist-packages" "$d/lib/$pythonVersion/dist-packages"; do
    perl "$join" "$out/lib/$pythonVersion/site-packages" "$m"
  done
done
exit 0
