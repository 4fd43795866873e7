# Makes a store path out of one .deb: /usr merged into the top as nixpkgs has
# it, and everything that names another file pointed at the store.
set -e
umask 022

mkdir "$out"
dpkg-deb --fsys-tarfile "$src" | tar -xC "$out" --no-same-owner --no-same-permissions

merge() { # merge FROM TO: what is in one directory goes to another that has it not
  [ -d "$out/$1" ] && [ ! -L "$out/$1" ] || return 0
  mkdir -p "$out/$2"
  tar -C "$out/$1" -cf - . | tar -C "$out/$2" -xf - --skip-old-files
  rm -rf "${out:?}/$1"
}
for d in usr/bin usr/sbin usr/games sbin; do merge $d bin; done
merge usr .
rm -rf "$out/local" "$out/share/lintian"
# Manuals and translations are of no use in a container (there is no locale
# that would choose one); licences stay.
rm -rf "$out/share/man" "$out/share/info" "$out/share/locale"
[ ! -d "$out/share/doc" ] || find "$out/share/doc" ! -type d ! -name copyright -delete
[ ! -d "$out/share/doc" ] || find "$out/share/doc" -depth -type d -empty -delete

dep() { # dep NAME: the store path of a package below this one
  for p in $depPaths; do
    case $p in /nix/store/*-"$1"-[0-9]*) echo "$p"; return ;; esac
  done
  echo "$debName: nothing below it is $1" >&2
  exit 1
}

# For a program that has a Debian path compiled in which a variable can
# change: wrap NAME PROGRAM VARIABLE=VALUE... (a value that is set stays).
wrap() {
  (
    prog=$2
    shift 2
    echo "#!$shell/bin/bash"
    for v; do echo "export ${v%%=*}=\"\${${v%%=*}-${v#*=}}\""; done
    # With no variable to set, the program looks beside itself for something.
    if [ $# -gt 0 ]; then echo "exec -a \"\$0\" $out/$prog \"\$@\""; else echo "exec $out/$prog \"\$@\""; fi
  ) > "$out/.wrapper"
  # The name may be a link to the program, which is not to be written through.
  rm -f "$out/$1"
  mv "$out/.wrapper" "$out/$1"
  chmod 755 "$out/$1"
}
wrap_in_place() { # wrap_in_place NAME VARIABLE=VALUE...
  mv "$out/bin/$1" "$out/bin/.$1-wrapped"
  name=$1
  shift
  wrap "bin/$name" "bin/.$name-wrapped" "$@"
}

link() { # link TARGET NAME, unless there is such a file
  [ -e "$out/$2" ] || [ -L "$out/$2" ] || ln -s "$1" "$out/$2"
}

# What Debian's maintainer scripts would do (update-alternatives), and names
# that the programs have everywhere else.
case $debName in
  7zip)
    # Scripts that run what is in lib, which looks for its plugin beside itself.
    for n in 7z 7za 7zr; do
      [ ! -e "$out/lib/7zip/$n" ] || wrap "bin/$n" "lib/7zip/$n"
    done
    link 7z bin/7zz ;;
  bash) link bash bin/sh ;;
  bat) link batcat bin/bat ;;
  debianutils) link which.debianutils bin/which ;;
  fd-find) link fdfind bin/fd ;;
  file) wrap_in_place file MAGIC="$(dep libmagic-mgc)/lib/file/magic.mgc" ;;
  gawk) link gawk bin/awk ;;
  git)
    # bin/git and lib/git-core/git are the same; the latter stays a program.
    wrap bin/git lib/git-core/git \
      GIT_EXEC_PATH="$out/lib/git-core" GIT_TEMPLATE_DIR="$out/share/git-core/templates" ;;
  mawk) link mawk bin/awk ;;
  netcat-openbsd) link nc.openbsd bin/nc; link nc.openbsd bin/netcat ;;
  openssl) wrap_in_place openssl OPENSSL_CONF="$out/etc/ssl/openssl.cnf" ;;
  postgresql-[0-9]* | postgresql-client-[0-9]*)
    mkdir -p "$out/bin"
    for f in "$out"/lib/postgresql/*/bin/*; do link "../${f#"$out"/}" "bin/${f##*/}"; done
    # Its compiler needs LLVM, which is larger than all else together. Where
    # the plugin is there it has to load; where it is not, nothing is compiled.
    rm -rf "$out"/lib/postgresql/*/lib/llvmjit.so "$out"/lib/postgresql/*/lib/bitcode ;;
  procps) link w.procps bin/w ;;
  # A link to what a maintainer script would choose.
  tar) rm -f "$out/etc/rmt" ;;
  # It wants a locale with UTF-8, and libc looks for one in /usr/lib/locale.
  tmux) wrap_in_place tmux LOCPATH="$(dep libc-bin)/lib/locale" ;;
  vim)
    link vim.basic bin/vi
    mv "$out/bin/vim.basic" "$out/bin/.vim.basic-wrapped"
    wrap bin/vim bin/.vim.basic-wrapped VIM="$(dep vim-runtime)/share/vim" ;;
esac

# The find-a-module paths of perl are compiled in, too.
case $debName in
  perl-base | perl)
    base=$out
    [ "$debName" = perl-base ] || base=$(dep perl-base)
    inc=
    for d in "$out" $depPaths; do
      for m in "$d"/share/perl/5.* "$d"/lib/*/perl/5.* "$d"/lib/*/perl-base; do
        [ ! -d "$m" ] || [ -L "$m" ] || inc="$inc -I$m"
      done
    done
    [ "$debName" = perl ] || mv "$out/bin/perl" "$out/bin/.perl-wrapped"
    rm -f "$out/bin/perl" "$out"/bin/perl5.[0-9]*
    { echo "#!$shell/bin/bash"; echo "exec -a \"\$0\" $base/bin/.perl-wrapped$inc \"\$@\""; } > "$out/bin/perl"
    chmod 755 "$out/bin/perl"
    ;;
esac

if [ -n "$terminfo" ]; then
  TERMINFO=$terminfo perl -e '
    my $old = "/etc/terminfo:/lib/terminfo:/usr/share/terminfo";
    die "store path too long" if length $ENV{TERMINFO} > length $old;
    my $new = $ENV{TERMINFO} . "\0" x (length($old) - length $ENV{TERMINFO});
    for my $f (@ARGV) {
      next if -l $f;
      open my $h, "+<:raw", $f or die "$f: $!";
      local $/; my $s = <$h>;
      $s =~ s/\Q$old\E(?=\0)/$new/ or die "$f: no such string";
      seek $h, 0, 0; print $h $s; close $h or die;
    }' "$out"/lib/*/libtinfo.so.*
fi

perl "$fixup"
exit 0
