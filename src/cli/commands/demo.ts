import { relative } from 'node:path';
import { duration, short, valueText } from '../../common/format.ts';
import type { DemoResult } from '../../verbs/demo/index.ts';
import { type Command, command } from '../command.ts';
import { print } from '../output.ts';

export function demoCommand(): Command {
  return command('demo')
    .description(
      "Imports the age and gender network of the npm package @vladmandic/face-api, explains an astronaut's face with it, " +
        'and writes figures, raw relevance and a page that shows them.',
    )
    .option('-o, --output <folder>', 'where to', 'demo/out')
    .action(showDemo);
}

async function showDemo({ output }: { readonly output: string }): Promise<void> {
  const start = performance.now();
  const [{ demo, demoMethod }, { nodeHost }] = await Promise.all([
    import('../../verbs/demo/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const model = nodeHost.files.join(output, 'face-api-age-gender.onnx');
  const next = [
    {
      text: 'Explain a face of your own:',
      command: `npx limn explain ${model} face.jpg --composite ${demoMethod.composite} -o out`,
    },
    { text: 'See what the network is made of:', command: `npx limn inspect ${model}` },
    { text: 'All commands:', command: 'npx limn --help' },
  ];
  print(demoText(await demo({ output, next }, nodeHost), performance.now() - start));
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
