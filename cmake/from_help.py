"""Makes the manual page and the completion for bash from what the program says of itself.

    python3 cmake/from_help.py PROGRAM FOLDER      writes FOLDER/foodorder.1 and FOLDER/foodorder.bash

`foodorder --help` and the help of each command come from the tables of options and commands, so these know every one of
them, too. A line that is not understood is an error: the build then says which.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ENTRY = re.compile(r"^  (-\w, --[\w-]+(?:\[?=\S+)?|-\w \S+|--[\w-]+(?:\[?=\S+)?)(?:\s+(\S.*))?$")
COMMAND = re.compile(r"^  ([a-z]+(?: [a-z]+)?)((?: \S+)?)  +(\S.*)$")


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
        return "=" in self.head and "[=" not in self.head


@dataclass
class Command:
    name: str  # "topic describe"
    arguments: str  # "TOPIC"
    meaning: str
    about: str
    options: list  # its own
    shared: list  # those that say where the log is
    examples: list


class Help:
    """The parts of `foodorder --help`."""

    def __init__(self, text):
        head, _, rest = text.partition("\n\n")
        usage, _, rest = rest.partition("\n\nCommands:\n")
        commands, _, rest = rest.partition("\n\n")
        about, _, rest = rest.partition("\n\n")
        options, _, examples = rest.partition("Examples:\n")
        if not head.startswith("foodorder: ") or not usage.startswith("Usage: ") or not commands or not examples:
            raise ValueError("--help has another form: it began with a title, Usage, Commands, and ended with Examples")
        self.title = head.removeprefix("foodorder: ")
        self.commands = list(parse_commands(commands))
        self.about = " ".join(about.split())
        self.options = list(parse_options(options))
        self.examples = examples.rstrip().splitlines()


def parse_commands(text):
    """(name, arguments, meaning) of each command."""
    found = []
    for line in text.splitlines():
        entry = COMMAND.match(line)
        if entry:
            found.append([entry[1], entry[2].strip(), entry[3].strip()])
        elif found and line.startswith(" " * 10):
            found[-1][2] += " " + line.strip()
        else:
            raise ValueError(f"a line of the commands is not understood: {line!r}")
    return found


def parse_command(name, arguments, meaning, text):
    """The parts of `foodorder NAME --help`."""
    _, _, rest = text.partition("\n\nUsage: ")
    _, _, rest = rest.partition("\n\n")
    own, _, rest = rest.partition("Where the log is")
    shared, _, examples = rest.partition("Examples:\n")
    if not own or not shared or not examples:
        raise ValueError(f"the help of {name} has another form: it had Usage, options, where the log is, and Examples")
    about = "" if own.startswith("  ") else own.partition("\n\n")[0]
    options = own.removeprefix(about).strip("\n")
    shared = shared.partition("\n\n")[2]
    return Command(name, arguments, meaning, " ".join(about.split()), list(parse_options(options)),
                   list(parse_options(shared)), examples.rstrip().splitlines())


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


def sentence(text):
    return text[:1].upper() + text[1:] + "."


def manual(parts, commands, version):
    """The manual page, in the macros of man(7)."""
    lines = [f'.TH FOODORDER 1 "" "{version}" "User Commands"']
    lines += [".SH NAME", f"foodorder \\- {roff(parts.title)}", ".SH SYNOPSIS"]
    for head in ("[serve]", "COMMAND"):
        lines += [f".B foodorder {head}", "[options]", ".br"]
    lines += [".SH DESCRIPTION", "Without a command it runs the services; the commands look at what runs."]
    lines.append(".SH COMMANDS")
    for command in commands:
        lines += [f".SS {roff(f'{command.name} {command.arguments}'.strip())}", roff(sentence(command.meaning))]
        if command.about:
            lines += [".PP", roff(command.about)]
        for option in command.options:
            lines += [".TP", f".B {roff(option.head)}", roff(option.text)]
        lines += [".PP", "Examples:", ".PP", ".nf", *map(roff, command.examples), ".fi"]
    lines += [".SH OPTIONS", roff(parts.about)]
    section = ""
    for option in parts.options:
        if option.section != section:
            lines.append(f".SS {option.section or 'Others'}")
            section = option.section
        lines += [".TP", f".B {roff(option.head)}", roff(option.text)]
    lines += [
        ".SH EXIT STATUS",
        "0 in good order; 1 found nothing or something wrong, or not ready; 2 misuse, or could not start; 3 nobody",
        "answers.",
        ".SH ENVIRONMENT",
        ".TP",
        ".I NO_COLOR",
        "Set to anything, no command uses colours.",
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
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} flag words command='' i
  # Bash makes a word of the = in --flag=value.
  if [ "$word" = = ]; then
    flag=$before word=''
  elif [ "$before" = = ]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  else
    flag=$before
  fi
  # Which command the words before name: one, or two as in `topic list`.
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${command:+$command }${COMP_WORDS[i]}" in
@NAMES@) command="${command:+$command }${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case $flag in
@CHOICES@
    @FILES@) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    @VALUES@) return ;;
    *)
      case $command in
@COMMANDS@
        *) words='@WORDS@' ;;
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -F _foodorder foodorder
"""


def words_of(options):
    """The flags as they are typed: with = behind those that take a value."""
    for option in options:
        for flag in option.flags:
            yield flag + ("=" if option.takes_value and flag.startswith("--") else "")


def completion(parts, commands):
    """The completion for bash: commands and their flags, the words that a flag allows, files."""
    choices, files, values = {}, set(), set()
    for option in [*parts.options, *(option for command in commands for option in command.options)]:
        for flag in option.flags:
            if option.choices:
                choices[flag] = f"    {flag}) words='{' '.join(option.choices)}' ;;"
            elif option.takes_file:
                files.add(flag)
            elif option.takes_value or " " in option.head.removeprefix(f"{option.flags[0]}, "):
                values.add(flag)
    groups = {}
    for command in commands:
        first, _, second = command.name.partition(" ")
        if second:
            groups.setdefault(first, []).append(second)
    lines = [f"        '{name}') words='{' '.join(names)} --help' ;;" for name, names in groups.items()]
    for command in commands:
        words = [*words_of(command.options), *words_of(command.shared)]
        lines.append(f"        '{command.name}') words='{' '.join(words)}' ;;")
    firsts = list(dict.fromkeys(name.split()[0] for name, _, _ in parts.commands))
    names = [f"'{name}'" for name in [*groups, *(command.name for command in commands)]]
    text = COMPLETION.replace("@CHOICES@", "\n".join(choices.values())).replace("@COMMANDS@", "\n".join(lines))
    text = text.replace("@WORDS@", " ".join([*firsts, *words_of(parts.options)]))
    text = text.replace("@NAMES@", "      " + " | ".join(names))
    return text.replace("@FILES@", "|".join(sorted(files))).replace("@VALUES@", "|".join(sorted(values - set(choices))))


def said(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    binary, folder = sys.argv[1], Path(sys.argv[2])
    try:
        page = Help(said(binary, "--help"))
        known = [parse_command(name, arguments, meaning, said(binary, *name.split(), "--help"))
                 for name, arguments, meaning in page.commands if name != "serve"]
    except ValueError as error:
        sys.exit(f"cmake/from_help.py: {error}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "foodorder.1").write_text(manual(page, known, said(binary, "--version").strip()))
    (folder / "foodorder.bash").write_text(completion(page, known))
