# shellcheck shell=bash
# Shared by the scripts beside it; sourced after `cd` to the project's root.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# What the scripts install for themselves comes first: node, clang-format, shellcheck.
export PATH="$PWD/.venv/bin:$PATH"

jobs() { nproc 2>/dev/null || echo 2; }

# Packages of PyPI in .venv: node for machines whose own is old, and linters. script/requirements.txt has the version of each.
venv_has() { [ -e .venv/bin/python3 ] && .venv/bin/python3 -c "import importlib.metadata as m; m.version('$1')" 2>/dev/null; }
venv_install() {
  [ -e .venv/bin/python3 ] || python3 -m venv .venv
  say "installing $* into .venv"
  .venv/bin/python3 -m pip install --quiet --disable-pip-version-check -c script/requirements.txt "$@"
}

# build PRESET TARGET...: configures what is not configured, builds, shows the compiler's output only when it fails.
build() {
  local preset=$1 log
  shift
  log=$(mktemp)
  [ -e "build/$preset/build.ninja" ] || cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; return 1; }
  rm -f "$log"
  if [ -t 2 ] || [ -n "${VERBOSE:-}" ]; then
    cmake --build --preset "$preset" -j "$(jobs)" --target "$@" >&2
  else
    log=$(mktemp)
    cmake --build --preset "$preset" -j "$(jobs)" --target "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; rm -f "$log"; return 1; }
    rm -f "$log"
  fi
}
