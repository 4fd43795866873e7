# Answers package names against a package set: one record a name, in the order asked, as JSON.
#
# The question is JSON in the environment, NIXERY_REQUEST: { source, config, overlays, system, names, catching, listing }.
# With `catching` a package that throws is answered with the kind "failed" and the others are unharmed; without, its error
# ends the evaluation, so that its text can be read.
let
  inherit (builtins)
    attrNames concatMap concatStringsSep deepSeq elem filter fromJSON functionArgs genList head intersectAttrs isAttrs
    isFunction isInt isList isString listToAttrs map match parseDrvName removeAttrs replaceStrings seq split stringLength substring tail
    tryEval;

  asked = fromJSON (builtins.getEnv "NIXERY_REQUEST");

  # --- the package set ---

  source = {
    folder = { outPath = asked.source.path; };
    tarball = { outPath = builtins.fetchTarball asked.source.url; };
    git = builtins.fetchGit { inherit (asked.source) url; rev = asked.source.commit; allRefs = true; };
  }.${asked.source.kind};

  # Given config and overlays, if only empty ones, keep ~/.config/nixpkgs of the server's user out. nixpkgs reads
  # NIXPKGS_ALLOW_UNFREE and its like from the environment whatever the config is: pkgs/stdenv/generic/check-meta.nix.
  offered = { inherit (asked) system; inherit config; overlays = map (path: import path) asked.overlays; };

  # What is not set is left out, so that nixpkgs' own defaults stand.
  config =
    (if asked.config.allowUnfree then { allowUnfree = true; } else { })
    // (if asked.config.allowUnfreePackages == [ ] then { } else { allowUnfreePredicate = isAllowedUnfree; })
    // (if asked.config.permittedInsecurePackages == [ ] then { } else { inherit (asked.config) permittedInsecurePackages; });

  # As lib.getName of nixpkgs names a package.
  isAllowedUnfree = package: elem (package.pname or (parseDrvName (package.name or "")).name) asked.config.allowUnfreePackages;

  packageSet =
    let
      imported = import source.outPath;
      wanted = functionArgs imported;
      called = imported (if wanted == { } then offered else intersectAttrs wanted offered);
      set = if isFunction imported then called else imported;
    in
    if isAttrs set then set else throw "the package set is no attribute set";

  # --- careful reading ---

  # The value, or the default when it throws.
  orElse = default: value:
    let tried = tryEval (deepSeq value value); in if tried.success then tried.value else default;

  text = value: orElse null (if isString value then value else null);

  attempt = if asked.catching then tryEval else (value: { success = true; inherit value; });

  isDerivation = value: isAttrs value && (value.type or null) == "derivation";

  # --- names ---

  letters = alphabet: genList (i: substring i 1 alphabet) (stringLength alphabet);
  fold = replaceStrings (letters "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (letters "abcdefghijklmnopqrstuvwxyz");

  # The attribute that a lower-case name stands for: itself, else the smallest that differs by case only, else null.
  spelling = set: name:
    let alike = filter (a: stringLength a == stringLength name && fold a == name) (attrNames set);
    in if set ? ${name} then name else if alike == [ ] then null else head alike;

  # An attribute cannot begin with a digit unless it is quoted, so package sets put an underscore before it.
  attributeFor = set: name:
    let plain = spelling set name;
    in if plain != null || match "[0-9].*" name == null then plain else spelling set "_${name}";

  lookUp = name: walk [ ] packageSet (filter isString (split "\\." name));

  walk = path: set: components:
    let
      attribute = attributeFor set (head components);
      value = set.${attribute};
      isLast = tail components == [ ];
      # Where the way ended, and what could have been meant there.
      notThere = {
        kind = "notThere";
        reached = concatStringsSep "." path;
        # Who asks for a command by its name is told which packages have it, where the set has a table of commands.
        providers =
          let packages = orElse [ ] (packageSet.commands.${head components} or [ ]);
          in if path == [ ] && isList packages then filter isString packages else [ ];
        siblings =
          let outputs = orElse [ ] (set.outputs or [ "out" ]);
          in if isDerivation set then (if isList outputs then filter isString outputs else [ ]) else attrNames set;
      };
    in
    if attribute == null then notThere
    else if isLast && isDerivation value then describe (path ++ [ attribute ]) value (isOutputOf set attribute)
    else if !isLast && isAttrs value then walk (path ++ [ attribute ]) value (tail components)
    else notThere;

  isOutputOf = set: attribute: isDerivation set && elem attribute (set.outputs or [ ]);

  # --- one package ---

  describe = path: package: isOutput:
    let
      meta = orElseShallow { } (package.meta or { });
      derivation = attempt (discard package.drvPath);
      isAvailable = orElse true (meta.available or true);
      about = {
        path = concatStringsSep "." path;
        name = text (package.name or meta.name or null);
        licences = orElse [ ] (licencesOf (meta.license or [ ]));
      };
    in
    if !derivation.success || !isAvailable then about // { kind = refusalOf package meta; }
    else about // {
      kind = "available";
      version = text (package.version or null);
      drvPath = derivation.value;
      outputs = map (name: { inherit name; path = discard (package.${name} or package).outPath; }) (outputsOf package meta isOutput);
      mainProgram = text (meta.mainProgram or null);
      description = text (meta.description or null);
    };

  # As orElse, for sets whose members may throw one by one.
  orElseShallow = default: value: let tried = tryEval value; in if tried.success then tried.value else default;

  discard = builtins.unsafeDiscardStringContext;

  # nixpkgs computes these marks without throwing (commonMeta in pkgs/stdenv/generic/check-meta.nix), whether the server
  # allows such packages or not; one that it allows is not the reason.
  settings = {
    unfree = "NIXPKGS_ALLOW_UNFREE";
    insecure = "NIXPKGS_ALLOW_INSECURE";
    broken = "NIXPKGS_ALLOW_BROKEN";
    unsupported = "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM";
  };

  # Whether the config of this set allows it.
  configured = package: {
    unfree = asked.config.allowUnfree || orElse false (isAllowedUnfree package);
    insecure = elem (text (package.name or null)) asked.config.permittedInsecurePackages;
    broken = false;
    unsupported = false;
  };

  refusalOf = package: meta:
    let
      isAllowed = mark: builtins.getEnv settings.${mark} == "1" || (configured package).${mark};
      isReason = mark: orElse false (meta.${mark} or false) == true && !isAllowed mark;
      reasons = filter isReason [ "unfree" "insecure" "broken" "unsupported" ];
    in
    if reasons == [ ] then "failed" else head reasons;

  # As nix-env chooses: https://nix.dev/manual/nix/latest/command-ref/nix-env/install (meta.outputsToInstall).
  outputsOf = package: meta: isOutput:
    let
      own = package.outputName or "out";
      existing = filter (output: elem output (package.outputs or [ own ])) (orElse [ ] (meta.outputsToInstall or [ ]));
    in
    if isOutput || orElse false (package.outputSpecified or false) == true || existing == [ ] then [ own ] else existing;

  licencesOf = licence:
    if isList licence then concatMap licencesOf licence
    else if isString licence then [ licence ]
    else filter isString [ (licence.spdxId or licence.shortName or licence.fullName or null) ];

  # --- all names ---

  answer = name:
    let
      found = lookUp name;
      tried = attempt (deepSeq found found);
    in
    if tried.success then tried.value else { kind = "failed"; };

  answers = map answer asked.names;

  lastModified =
    let own = orElse null (packageSet.lastModified or null);
    in if isInt own then own else source.lastModified or null;
in
seq (attrNames packageSet) {
  inherit lastModified;
  answers = map (a: removeAttrs a [ "siblings" ]) answers;
  # Once for each set, however many names end in it: nixpkgs has 25,000 names at the top.
  # With `listing`, all names at the top, as the siblings of nothing.
  siblings = (if asked.listing then { "" = attrNames packageSet; } else { })
    // listToAttrs (map (a: { name = a.reached; value = a.siblings; }) (filter (a: a.kind == "notThere") answers));
}
