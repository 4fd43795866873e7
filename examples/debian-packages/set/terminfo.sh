# The terminfo database, out of ncurses-base.
set -e
umask 022
mkdir x "$out"
dpkg-deb --fsys-tarfile "$src" | tar -xC x --no-same-owner
for d in x/usr/share/terminfo x/usr/lib/terminfo x/lib/terminfo; do
  [ ! -d $d ] || [ -L $d ] || cp -r $d/. "$out/"
done
test -e "$out/x/xterm-256color"
exit 0
