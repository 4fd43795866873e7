# A python whose program and library are in one place, which is how it finds
# the one from the other.
set -e
umask 022
mkdir -p "$out/bin" "$out/lib/python3/dist-packages"
cp "$program/bin/$pythonVersion" "$out/bin/"
ln -s "$pythonVersion" "$out/bin/python3"
ln -s python3 "$out/bin/python"
for d in $libraries; do
  perl "$join" "$out/lib/$pythonVersion" "$d/lib/$pythonVersion"
done
# In an image the modules of python3Packages stand at /lib, and python, which
# looks beside itself in its store path, would not look there.
echo "/lib/$pythonVersion/site-packages" > "$out/lib/python3/dist-packages/image.pth"
exit 0
