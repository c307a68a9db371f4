"""Makes the manual page and the completion for bash from what the program says of itself.

    python3 cmake/from_help.py PROGRAM FOLDER      writes FOLDER/foodorder.1 and FOLDER/foodorder.bash

`foodorder --help` comes from the table of options, so these know every option, too. A line of it that is not understood
is an error: the build then says which.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ENTRY = re.compile(r"^  (-\w, --[\w-]+|-\w \S+|--[\w-]+(?:=\S+)?)(?:\s+(\S.*))?$")
COMMAND = re.compile(r"^(?:Usage:|      ) foodorder (\[serve\] )?(.*)$")


@dataclass
class Option:
    head: str  # "--bus=memory|kafka"
    text: str
    section: str

    @property
    def flags(self):
        return re.findall(r"--?[\w-]+", self.head.split("=")[0])

    @property
    def choices(self):
        value = self.head.partition("=")[2]
        return value.split("|") if "|" in value else []

    @property
    def takes_file(self):
        return self.head.endswith("=FILE")

    @property
    def takes_value(self):
        return "=" in self.head


class Help:
    """The parts of `foodorder --help`."""

    def __init__(self, text):
        head, _, rest = text.partition("\n\n")
        usage, _, rest = rest.partition("\n\n")
        about, _, rest = rest.partition("\n\n")
        options, _, examples = rest.partition("Examples:\n")
        if not head.startswith("foodorder: ") or not usage.startswith("Usage: ") or not examples:
            raise ValueError("--help has another form: it began with a title, Usage, and ended with Examples")
        self.title = head.removeprefix("foodorder: ")
        self.usage = [command(line) for line in usage.splitlines()]
        self.about = " ".join(about.split())
        self.options = list(parse_options(options))
        self.examples = examples.rstrip().splitlines()

    @property
    def commands(self):
        return list(dict.fromkeys(word for word, _, _ in self.usage))


def command(line):
    """(command, arguments, meaning) of a line of the usage."""
    found = COMMAND.match(line)
    if not found:
        raise ValueError(f"a line of the usage is not understood: {line!r}")
    arguments, _, meaning = found[2].partition("   ")
    word, _, rest = arguments.partition(" ")
    if found[1]:
        return "serve", "[options]", "run the services; the default command"
    return word, rest, meaning.strip()


def parse_options(text):
    section, option = "", None
    for line in text.splitlines():
        entry = ENTRY.match(line)
        if entry or not line.strip() or line.startswith("["):
            if option:
                yield option
            option = Option(entry[1], entry[2] or "", section) if entry else None
            section = line.strip("[]") if line.startswith("[") else section if line.strip() else ""
        elif option and line.startswith(" " * 10):
            option.text = f"{option.text} {line.strip()}".strip()
        else:
            raise ValueError(f"a line of --help is not understood: {line!r}")
    if option:
        yield option


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith(".") else text


def manual(parts, version):
    """The manual page, in the macros of man(7)."""
    lines = [f'.TH FOODORDER 1 "" "{version}" "User Commands"']
    lines += [".SH NAME", f"foodorder \\- {roff(parts.title)}", ".SH SYNOPSIS"]
    for word, arguments, _ in parts.usage:
        lines += [f".B foodorder {'[serve]' if word == 'serve' else word}", roff(arguments), ".br"]
    lines += [".SH DESCRIPTION"]
    for word, arguments, meaning in parts.usage:
        lines += [".TP", f".B {roff(f'{word} {arguments}')}", roff(meaning[:1].upper() + meaning[1:] + ".")]
    lines += [".SH OPTIONS", roff(parts.about)]
    section = ""
    for option in parts.options:
        if option.section != section:
            lines.append(f".SS {option.section or 'Others'}")
            section = option.section
        lines += [".TP", f".B {roff(option.head)}", roff(option.text)]
    lines += [
        ".SH EXIT STATUS",
        "0 in good order; 1 found something wrong, or not ready; 2 misuse, or could not start.",
        ".SH FILES",
        ".TP",
        ".I config/foodorder.toml",
        "The configuration file, read if it is below the folder where the program is started.",
        ".SH EXAMPLES",
        ".nf",
        *map(roff, parts.examples),
        ".fi",
    ]
    return "\n".join(lines) + "\n"


COMPLETION = """# Completion of foodorder for bash; made from foodorder --help.
_foodorder() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} flag words
  # Bash makes a word of the = in --flag=value.
  if [ "$word" = = ]; then
    flag=$before word=''
  elif [ "$before" = = ]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  else
    flag=$before
  fi
  COMPREPLY=()
  case $flag in
@CHOICES@
    @FILES@) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    @VALUES@) return ;;
    *) words='@WORDS@' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -F _foodorder foodorder
"""


def completion(parts):
    """The completion for bash: commands, flags, the words that a flag allows, files."""
    choices, files, values, words = [], [], [], [*parts.commands, "--url=", "--json"]
    for option in parts.options:
        for flag in option.flags:
            words.append(flag + ("=" if option.takes_value and flag.startswith("--") else ""))
            if option.choices:
                choices.append(f"    {flag}) words='{' '.join(option.choices)}' ;;")
            elif option.takes_file:
                files.append(flag)
            elif option.takes_value:
                values.append(flag)
    text = COMPLETION.replace("@CHOICES@", "\n".join(choices)).replace("@WORDS@", " ".join(words))
    return text.replace("@FILES@", "|".join(files)).replace("@VALUES@", "|".join(values))


def said(program, option):
    return subprocess.run([program, option], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    binary, folder = sys.argv[1], Path(sys.argv[2])
    try:
        page = Help(said(binary, "--help"))
    except ValueError as error:
        sys.exit(f"cmake/from_help.py: {error}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "foodorder.1").write_text(manual(page, said(binary, "--version").strip()))
    (folder / "foodorder.bash").write_text(completion(page))
