# Every .deb of the table as a derivation, and joins of them.
{ table, debsDir }:

let
  inherit (builtins) attrNames concatLists elem genericClosure head listToAttrs map mapAttrs match
    filter hasAttr replaceStrings;

  packages = table.packages;

  # Whatever machine the programs are for, this machine's tools unpack them,
  # for nothing else than which they are used.
  buildSystem = builtins.currentSystem;
  hostPath = "/usr/local/bin:/usr/bin:/bin";

  # A Debian version may hold characters that a store path may not.
  storeName = name: version: "${name}-${replaceStrings [ "~" ":" ] [ "_" "_" ] version}";

  # The .deb as a fixed-output derivation, as fetchurl would make it: unlike a
  # plain path it costs nothing to evaluate again, and where the file lies does
  # not show in the paths of what is made from it.
  fetch = name: p: derivation {
    name = "${storeName name p.version}.deb";
    system = "builtin";
    builder = "builtin:fetchurl";
    url = "file://${debsDir}/${p.file}";
    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = p.sha256;
    preferLocalBuild = true;
    executable = false;
    unpack = false;
  };
  sources = mapAttrs fetch packages;

  # All packages below and including `names`, nearest first. The table has no
  # cycles: `make` has cut them.
  depClosure = names:
    map (e: e.key) (genericClosure {
      startSet = map (key: { inherit key; }) names;
      operator = e: map (key: { inherit key; }) packages.${e.key}.deps;
    });

  # The interpreters that #! lines are pointed at. What the shell itself is
  # made from cannot use it.
  belowShell = [ "bash" ] ++ depClosure packages.bash.deps;
  pythonName = head (filter (n: match "python3\\.[0-9]+-minimal" n != null) (attrNames packages) ++ [ null ]);

  build = name: version: script: env: derivation ({
    name = storeName name version;
    system = buildSystem;
    builder = "/bin/sh";
    args = [ script ];
    PATH = hostPath;
    LC_ALL = "C";
    outputs = [ "out" ]; # as nixpkgs says it, also where there is no other
  } // env) // { pname = name; inherit version; };

  mkDeb = name: p:
    let deps = depClosure p.deps; in
    build name p.version ./build-deb.sh
      {
        debName = name;
        src = sources.${name};
        fixup = ./fixup.pl;
        join = ./join.pl;
        # Every package below this one, for finding libraries …
        depPaths = map (d: debs.${d}) deps;
        # … and those that it names, for packages that are only a list.
        directDeps = map (d: debs.${d}) p.deps;
        shell = if elem name belowShell then "" else debs.bash;
        perl =
          if elem "perl" deps then debs.perl
          else if elem "perl-base" deps then debs.perl-base
          else "";
        python = if pythonName != null && elem pythonName deps then python3 else "";
        terminfo = if match "libtinfo[0-9].*" name != null then terminfo else "";
      } // {
      meta = { inherit (p) description; }
        // (if p ? homepage then { inherit (p) homepage; } else { });
    };

  debs = mapAttrs mkDeb packages;

  # The terminfo database, in a store path short enough to be written over the
  # search path of 47 characters that is compiled into libtinfo.
  terminfo = derivation {
    name = "t";
    system = buildSystem;
    builder = "/bin/sh";
    PATH = hostPath;
    args = [ ./terminfo.sh ];
    src = sources.ncurses-base;
  };

  # Links to all files of several packages, in one place.
  join = { pname, version, from }:
    build pname version ./join.sh { join = ./join.pl; from = map (n: debs.${n}) from; };

  # A python that finds its library beside itself: Debian has the program and
  # its library in different packages, so in different store paths.
  pythonVersion = head (match "(python3\\.[0-9]+)-minimal" pythonName);
  python3 = build "python3" packages.${pythonName}.version ./python.sh {
    join = ./join.pl;
    inherit pythonVersion;
    program = debs.${pythonName};
    libraries = map (n: debs.${n}) (filter (n: hasAttr n packages)
      [ "lib${pythonName}" "lib${pythonVersion}-stdlib" ]);
  };
in
{
  inherit debs sources build join depClosure python3 pythonVersion;
}
