# A package set made out of Debian packages, in the shape of nixpkgs: a
# function to an attribute set of derivations.
#
# It needs no network and no nixpkgs: `make` puts the .deb files in ./debs and
# what is known about them in ./packages-<system>.nix. See README.md.
{ system ? builtins.currentSystem
, config ? { } # as nixpkgs takes it; nothing here is unfree, so there is nothing to allow
, debsDir ? toString ./debs
, ...
}:

let
  inherit (builtins) attrNames concatLists elem filter foldl' hasAttr head listToAttrs map
    mapAttrs match pathExists removeAttrs replaceStrings;

  tableOf = s: ./. + "/packages-${s}.nix";
  table =
    if pathExists (tableOf system) then import (tableOf system)
    else throw "debian-packages: there is no set for '${system}'; `make` says why";

  # Every .deb as a derivation, under its Debian name.
  deb = import ./deb.nix { inherit table debsDir; };
  inherit (deb) debs join;
  packages = import ./composed.nix { inherit table deb; };

  # ---- what nixpkgs says about a package -----------------------------------

  # Systems whose table has the attribute, too.
  platformsOf = name: filter
    (s: pathExists (tableOf s) && hasAttr name (import (tableOf s)).attributes)
    [ "x86_64-linux" "aarch64-linux" ];

  # The attribute's package: composed by hand, one .deb, or several joined.
  attribute = name: a:
    let
      first = head a.debs;
      drv = packages.${name} or (
        if a.debs == [ first ] then debs.${first}
        else join { pname = name; inherit (table.packages.${first}) version; from = a.debs; }
      );
      inherit (drv) outputs;
      meta = debs.${first}.meta // {
        platforms = platformsOf name;
        outputsToInstall = [ (head outputs) ];
      }
      // (if a ? mainProgram then { inherit (a) mainProgram; } else { })
      // (if a ? license then { license = { spdxId = a.license; fullName = a.license; free = true; }; } else { });
      also = { inherit meta; inherit (drv) pname version; };
    in
    # `openssl.bin` is asked for as `openssl` is, so it says as much about itself.
    drv // listToAttrs (map (o: { name = o; value = drv.${o} // also; }) outputs) // also;

  all = mapAttrs attribute table.attributes;

  # ---- names ---------------------------------------------------------------

  # `python3Packages.requests` of the table is `requests` in a set.
  inSet = set: listToAttrs (concatLists (map
    (n: let m = match "${set}\\.(.*)" n; in
      if m == null then [ ] else [{ name = head m; value = all.${n}; }])
    (attrNames all)));
  atTop = removeAttrs all (filter (n: match ".*\\..*" n != null) (attrNames all));

  # As in nixpkgs, a name that starts with a digit has an underscore before
  # it; a dot, which in an image's name means "inside of", becomes one.
  respelt = listToAttrs (concatLists (map
    (n:
      let new = (if match "[0-9].*" n != null then "_" else "") + replaceStrings [ "." ] [ "_" ] n;
      in if new == n then [ ] else [{ name = new; value = debs.${n}; }])
    (attrNames debs)));

  pick = names: listToAttrs (concatLists (map
    (e: if all ? ${e.value} then [{ inherit (e) name; value = all.${e.value}; }] else [ ])
    names));
in
debs // respelt // atTop // {
  python3Packages = inSet "python3Packages";

  # nixpkgs' short cuts from a command to the package that has it.
  unixtools = pick [
    { name = "ping"; value = "iputils"; }
    { name = "ps"; value = "procps"; }
    { name = "top"; value = "procps"; }
    { name = "watch"; value = "procps"; }
    { name = "xxd"; value = "vim"; }
  ];

  # A set inside of the set, of all Debian names: `debian.htop`.
  debian = debs;

  # The .deb files alone.
  sources = deb.sources;

  # Which packages have a command, for those who ask for a command by its
  # name: the registry answers that there is no `nc`, and that `netcat` has it.
  inherit (table) commands;

  # Seconds since the epoch; the images' creation date, which so says how old
  # the packages are, and is the same whenever the image is made.
  inherit (table) lastModified;
}
