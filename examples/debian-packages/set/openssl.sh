# Programs and libraries as outputs of one derivation, as nixpkgs' openssl.
set -e
umask 022
mkdir -p "$bin" "$out/lib"
perl "$join" "$bin" "$program"
for f in "$library"/lib/*/*.so.*; do ln -s "$f" "$out/lib/"; done
exit 0
