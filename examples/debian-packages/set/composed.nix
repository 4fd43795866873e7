# The attributes that are not one .deb, nor several joined.
{ table, deb }:

let
  inherit (builtins) attrNames filter head listToAttrs map match;
  inherit (deb) debs build depClosure python3 pythonVersion;
  versionOf = name: table.packages.${name}.version;

  # The modules of a package and those that they import, in the place where
  # nixpkgs has them.
  pythonModules = name:
    let first = head table.attributes.${name}.debs; in {
      inherit name;
      value = build first (versionOf first) ./python-modules.sh {
        join = ./join.pl;
        inherit pythonVersion;
        from = map (n: debs.${n}) (filter (n: match "python3-.*" n != null) (depClosure [ first ]));
      };
    };

  # As nixpkgs has it, programs and libraries are outputs of one derivation,
  # so that `openssl.bin` is the program and `openssl.out` what others load.
  libssl = head (filter (n: match "libssl[0-9].*" n != null) table.packages.openssl.deps);
in
{
  inherit python3;

  openssl = build "openssl" (versionOf "openssl") ./openssl.sh {
    outputs = [ "bin" "out" ];
    join = ./join.pl;
    program = debs.openssl;
    library = debs.${libssl};
  };

  # nixpkgs' file names and derivation names, as programs look for them.
  cacert = build "nss-cacert" (versionOf "ca-certificates") ./cacert.sh { src = debs.ca-certificates; };
  iana-etc = build "iana-etc" (versionOf "netbase") ./iana-etc.sh { src = debs.netbase; };
}
// listToAttrs (map pythonModules
  (filter (n: match "python3Packages\\..*" n != null) (attrNames table.attributes)))
