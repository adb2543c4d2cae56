import { shellWord } from '../common/shell.ts';
import type { Command, Option } from './command.ts';

/*
 * Scripts that complete a call of limn in a shell. All words stand in the script, which so needs no process for each press of
 * a key; where none is known (files, numbers, names), the shell offers files.
 */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** One command as it is called: its words after `limn`, the commands in it, its options. */
interface Place {
  readonly words: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletedOption[];
}

interface CompletedOption {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** The script for a shell, of all commands of a program. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesIn(program, [], []);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places);
}

function placesIn(command: Command, words: readonly string[], inherited: readonly Option[]): Place[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  const options = [...own, ...inherited.filter(({ long }) => !own.some((each) => each.long === long))];
  const here: Place = {
    words,
    commands: command.commands.map((each) => ({ name: each.name(), summary: each.summary() })),
    options: [...options.map(completed), help],
  };
  return [here, ...command.commands.flatMap((each) => placesIn(each, [...words, each.name()], options))];
}

const help: CompletedOption = {
  flags: ['-h', '--help'],
  description: 'show this help',
  takesValue: false,
  choices: [],
};

const completed = ({
  short,
  long,
  description,
  required,
  optional,
  argChoices,
}: Option): CompletedOption => ({
  flags: [short, long].filter((flag) => flag !== undefined),
  description,
  takesValue: required || optional,
  choices: argChoices ?? [],
});

/** How scripts for bash and zsh call a place: its words, each after a space. */
const placeWord = ({ words }: Place): string => shellWord(words.map((word) => ` ${word}`).join(''));

/** The lines that find out, of the words before the one that is completed, at which place it stands. */
const findPlace = (
  places: readonly Place[],
  first: number,
  end: string,
  word: string,
): string => `  local place= i
  for ((i = ${first}; i < ${end}; i++)); do
    case "$place ${word}" in
      ${places
        .filter(({ words }) => words.length > 0)
        .map(placeWord)
        .join('|')}) place="$place ${word}" ;;
    esac
  done`;

/** Cases of `place:option before`, for options whose values are known. */
const choiceCases = (places: readonly Place[], offer: (choices: readonly string[]) => string): string =>
  places
    .flatMap(({ words, options }) =>
      options
        .filter(({ choices }) => choices.length > 0)
        .map(({ flags, choices }) => {
          const at = words.map((word) => ` ${word}`).join('');
          return `    ${flags.map((flag) => shellWord(`${at}:${flag}`)).join('|')}) ${offer(choices)}; return ;;`;
        }),
    )
    .join('\n');

function bashScript(places: readonly Place[]): string {
  const offer = (words: readonly string[]) =>
    `COMPREPLY=($(compgen -W ${shellWord(words.join(' '))} -- "$word"))`;
  const cases = (wordsOf: (place: Place) => readonly string[]) =>
    places
      .filter((place) => wordsOf(place).length > 0)
      .map((place) => `      ${placeWord(place)}) ${offer(wordsOf(place))} ;;`)
      .join('\n');
  return `# bash completion of limn: source <(limn completion bash)
_limn() {
  local word=\${COMP_WORDS[COMP_CWORD]}
${findPlace(places, 1, 'COMP_CWORD', `\${COMP_WORDS[i]}`)}
  COMPREPLY=()
  case "$place:\${COMP_WORDS[COMP_CWORD-1]}" in
${choiceCases(places, offer)}
  esac
  case $word in
    -*) case $place in
${cases(({ options }) => options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))))}
    esac ;;
    *) case $place in
${cases(({ commands }) => commands.map(({ name }) => name))}
    esac ;;
  esac
}
complete -o bashdefault -o default -F _limn limn
`;
}

function zshScript(places: readonly Place[]): string {
  const described = (pairs: readonly (readonly [name: string, what: string])[]) =>
    pairs.map(([name, what]) => shellWord(`${name.replaceAll(':', '\\:')}:${what}`)).join(' ');
  const cases = (pairsOf: (place: Place) => readonly (readonly [string, string])[]) =>
    places
      .filter((place) => pairsOf(place).length > 0)
      .map((place) => `      ${placeWord(place)}) items=(${described(pairsOf(place))}) ;;`)
      .join('\n');
  return `#compdef limn
# zsh completion of limn: source <(limn completion zsh), or as _limn in a folder of $fpath
_limn() {
  local -a items
${findPlace(places, 2, 'CURRENT', '$words[i]')}
  case "$place:$words[CURRENT-1]" in
${choiceCases(places, (choices) => `compadd -- ${choices.map(shellWord).join(' ')}`)}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    case $place in
${cases(({ options }) => options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const)))}
    esac
    _describe -o option items
  else
    case $place in
${cases(({ commands }) => commands.map(({ name, summary }) => [name, summary] as const))}
    esac
    if (( $#items )); then _describe command items; else _files; fi
  fi
}
if [[ $funcstack[1] == _limn ]]; then _limn "$@"; else compdef _limn limn; fi
`;
}

function fishScript(places: readonly Place[]): string {
  const at = ({ words, commands }: Place): string => {
    if (words.length === 0) return '__fish_use_subcommand';
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const inner = commands.map(({ name }) => name).join(' ');
    return [...seen, ...(inner ? [`not __fish_seen_subcommand_from ${inner}`] : [])].join('; and ');
  };
  const lines = places.flatMap((place) => {
    const when = `complete -c limn -n ${shellWord(at(place))}`;
    const commands = place.commands.map(
      ({ name, summary }) => `${when} -f -a ${name} -d ${shellWord(summary)}`,
    );
    const options = place.options.map(({ flags, description, takesValue, choices }) => {
      const named = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value = choices.length > 0 ? ` -x -a ${shellWord(choices.join(' '))}` : takesValue ? ' -r' : '';
      return `${when} ${named.join(' ')}${value} -d ${shellWord(description)}`;
    });
    return [...commands, ...options];
  });
  return `# fish completion of limn: limn completion fish > ~/.config/fish/completions/limn.fish\n${lines.join('\n')}\n`;
}
