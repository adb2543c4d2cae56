import { relative } from 'node:path';
import { duration, short, valueText } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { DemoResult } from '../../verbs/demo/index.ts';
import { FACE_API_MODEL } from '../../verbs/usualnames.ts';
import { type Command, command, withOverwrite } from '../command.ts';
import { print } from '../output.ts';

export function demoCommand(): Command {
  const given = command('demo')
    .description(
      "Imports the age and gender network of the npm package @vladmandic/face-api, explains an astronaut's face with it, " +
        'and writes figures, raw relevance and a page that shows them.',
    )
    .option('-o, --output <folder>', 'where to', 'demo/out');
  return withOverwrite(given).action(showDemo);
}

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
}

async function showDemo({ output, overwrite }: Options): Promise<void> {
  const start = performance.now();
  const [{ demo }, { nodeHost, nodeHostWith }] = await Promise.all([
    import('../../verbs/demo/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const model = nodeHost.files.join(output, FACE_API_MODEL);
  const studio = `npx limn studio ${output}`;
  const next = [
    {
      text: 'Explain a face of your own:',
      command: `npx limn explain ${model} face.jpg -o out`,
    },
    { text: 'Look at your own photos with it, in a page that computes itself:', command: studio },
    { text: 'See what the network is made of:', command: `npx limn inspect ${model}` },
    { text: 'All commands:', command: 'npx limn --help' },
  ];
  const made = await withOutputs({ overwrite }, (outputs) => demo({ output, next }, nodeHostWith(outputs)));
  print(`${demoText(made, performance.now() - start)}To look at photos of your own in a page: ${studio}\n`);
}

function demoText({ photo, page: { page, model, outputs } }: DemoResult, ms: number): string {
  const guesses = outputs.map(({ head, record: { score, scores, target, probabilities } }) =>
    head.kind === 'number'
      ? `${head.name} ${short(score)}`
      : `${head.name} ${target.name} (${valueText(scores[0].value, probabilities)})`,
  );
  const files = outputs.flatMap(({ record: { files } }) => [
    [files.figure, 'photo, heatmap, overlay and scores'],
    [files.heatmap, 'the heatmap alone'],
    [files.relevance, 'raw relevance, 1×3×112×112, for NumPy'],
  ]);
  const listed = files.flatMap(([file, what]) =>
    file === undefined ? [] : [`  ${relative('.', file)}  ${what}`],
  );
  return [
    `The network's guess for the face in ${relative('.', photo)}: ${guesses.join(', ')}.`,
    `Which pixels spoke for it and which against it, made in ${duration(ms)}:`,
    `  ${relative('.', page)}  a page to open in a browser`,
    ...listed,
    `  ${relative('.', model)}  the network, ready for limn classify, explain, inspect and compile`,
    '',
  ].join('\n');
}
