import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { duration, short } from '../common/format.ts';
import { scoped } from '../common/scope.ts';
import type { Model } from '../graph/index.ts';
import { decodeFile } from '../image/decode.node.ts';
import { encodePng } from '../image/encode.node.ts';
import type { Image } from '../image/index.ts';
import { colormap, colourOf, networkViews, overlay, preprocess, renderHeatmap } from '../image/index.ts';
import type { PageSection } from '../report/page.ts';
import { type Command, command } from './command.ts';
import { drawFigure, drawHeatmap, type Story, titleOf } from './drawing.ts';
import { faceApi } from './import-faceapi.ts';
import { saveModel } from './model.ts';
import { makeFolder, print } from './output.ts';
import { heatOf, read, writeRaw } from './results.ts';
import { valueText } from './scores.ts';

/** A square around the face in NASA's portrait of the astronaut Eileen Collins, which is in the public domain. */
const photo = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

/** Rules that suit networks with shortcuts; γ = 1 shows less of what speaks against. */
const method = { method: 'lrp', composite: 'epsilon-gamma-box', gamma: 1 } as const;
const colors = 'black-firered';
const percentile = 99.5;

export function demoCommand(): Command {
  return command('demo')
    .description(
      "Imports the age and gender network of the npm package @vladmandic/face-api, explains an astronaut's face with it, " +
        'and writes figures, raw relevance and a page that shows them.',
    )
    .option('-o, --output <folder>', 'where to', 'demo/out')
    .action(demo);
}

async function demo({ output }: { readonly output: string }): Promise<void> {
  const start = performance.now();
  await makeFolder(output);
  const model = await faceApi();
  const modelPath = join(output, 'face-api-age-gender.onnx');
  await saveModel(modelPath, model);
  const picture = await decodeFile(photo);
  const how = model.info.preprocessing!;
  const view = networkViews(picture, how)[0]!;
  const input = preprocess([picture], how);
  const { explainer } = await import('../attribution/index.ts');
  const { nodeRuntime } = await import('../runtime/onnxruntime.node.ts');

  const stories: Story[] = [];
  const files: string[] = [modelPath];
  for (const head of model.info.heads) {
    const explanation = await scoped(async (own) =>
      own(explainer(model, nodeRuntime, { ...method, head: head.name })).explain(input),
    );
    const reading = read(photo, explanation, 0, head, 5);
    const heat = heatOf(explanation, 0, 'sum', { percentile }, photo);
    const story: Story = {
      reading,
      heat,
      colors,
      network: model.graph.name,
      head,
      probabilities: head.kind === 'classes',
      description: explanation.description,
    };
    stories.push(story);
    files.push(await drawFigure(output, head.name, story, view));
    files.push(await drawHeatmap(output, head.name, heat, colors));
    files.push(...Object.values(await writeRaw(output, head.name, explanation, ['npy'], how, 0)));
  }
  const page = join(output, 'index.html');
  await writeFileAtomic(page, await pageOf(model, modelPath, stories, view, picture));
  print(reportOf(stories, page, files, performance.now() - start));
}

async function pageOf(
  model: Model,
  modelPath: string,
  stories: readonly Story[],
  view: Image,
  picture: Image,
): Promise<string> {
  const { explanationPage } = await import('../report/page.ts');
  const photoUrl = await url(picture);
  const sections = await Promise.all(
    stories.map(async (story): Promise<PageSection> => {
      const { heat, reading, description } = story;
      const colours = colormap(colors);
      const { limit } = heat;
      const stops = Array.from({ length: 33 }, (_, i) => {
        const [r, g, b] = colourOf(colours, i / 16 - 1).map((channel) => Math.round(channel * 255));
        return `rgb(${r},${g},${b})`;
      });
      return {
        title: titleOf(story),
        text: textOf(story),
        photo: photoUrl,
        overlay: await url(overlay(picture, heat.map, colours, { limit })),
        heatmap: await url(renderHeatmap(heat.map, colours, limit)),
        gradient: stops.join(','),
        limit: short(limit),
        scores:
          story.head.kind === 'number'
            ? [
                {
                  label: 'age in years',
                  text: short(reading.score),
                  fraction: reading.score / 100,
                  explained: true,
                },
              ]
            : reading.scores.map(({ label, value, explained }) => ({
                label,
                text: valueText(value, true),
                fraction: value,
                explained,
              })),
        method:
          `Layer-wise relevance propagation with the composite ${method.composite}, gamma ${method.gamma}: ` +
          `${description.rules}. The score ${short(reading.score)} became relevance that adds up to ` +
          `${short(reading.relevance.sum)}: biases and stabilisers took the rest. Colours end at the ${percentile}th percentile.`,
      };
    }),
  );
  return explanationPage({
    title: 'What does a network look at in a face?',
    lead:
      'A small network trained to guess age and gender sees this photo as ' +
      `${view.width}×${view.height} pixels. limn runs it backwards: every pixel gets its share of the network's decision.`,
    sections,
    steps: [
      {
        text: 'Explain a face of your own:',
        command: `npx limn explain ${modelPath} face.jpg --composite ${method.composite} -o out`,
      },
      {
        text: 'See what the network is made of:',
        command: `npx limn inspect ${modelPath}`,
      },
      { text: 'All commands:', command: 'npx limn --help' },
    ],
    sources: [
      'Photo: the astronaut Eileen Collins, by NASA, in the public domain; a square around the face.',
      `Network: ${Object.entries(model.info.provenance)
        .map(([key, value]) => `${key} ${value}`)
        .join('; ')}.`,
      'What the network says of a face is a guess from its training data, not a fact about the person.',
    ],
  });
}

/** What a story's heatmap shows, in words. */
function textOf({ reading, head }: Story): string {
  if (head.kind === 'number') {
    return (
      `The network guesses an age of ${short(reading.score)} years. Warm pixels raise the guess, ` +
      'cold pixels lower it. Move the slider to see the photo beneath.'
    );
  }
  const best = reading.scores[0]!;
  return (
    `The network says ${best.label}, with a probability of ${valueText(best.value, true)}. Warm pixels speak for that, ` +
    'cold pixels against it. Move the slider to see the photo beneath.'
  );
}

async function url(picture: Image): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await encodePng(picture)).toString('base64')}`;
}

function reportOf(stories: readonly Story[], page: string, files: readonly string[], ms: number): string {
  const said = stories.map(({ reading, head }) =>
    head.kind === 'number'
      ? `${head.name} ${short(reading.score)}`
      : `${head.name} ${reading.name} (${valueText(reading.scores[0]!.value, true)})`,
  );
  const [model, ...rest] = files.map((file) => relative('.', file));
  return [
    `The network's guess for the face in ${relative('.', photo)}: ${said.join(', ')}.`,
    `Which pixels spoke for it and which against it, made in ${duration(ms)}:`,
    `  ${relative('.', page)}  a page to open in a browser`,
    ...rest.map((file) => `  ${file}  ${kindOf(file)}`),
    `  ${model}  the network, ready for limn classify, explain, inspect and compile`,
    '',
  ].join('\n');
}

function kindOf(file: string): string {
  if (file.endsWith('.npy')) return 'raw relevance, 1×3×112×112, for NumPy';
  return file.endsWith('_heatmap.png') ? 'the heatmap alone' : 'photo, heatmap, overlay and scores';
}
