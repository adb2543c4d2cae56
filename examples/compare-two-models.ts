/*
 * Evaluates two models on labelled photos, compares them by group and writes a page about it:
 * compare-two-models.js first.onnx second.onnx manifest.csv TARGET GROUP FOLDER
 */
import { nodeHost } from 'limn/node';
import { compare, evaluate, report } from 'limn/verbs';

const [first = '', second = '', data = '', target = '', group = '', folder = ''] = process.argv.slice(2);
const { models } = await evaluate(
  { models: [first, second], data, target, output: `${folder}/results` },
  nodeHost,
  { on: (event) => event.kind === 'failed' && console.error(event.failed.error) },
);
const results = models.map((each) => each.folder);
const { findings } = await compare({ results, output: folder, groupBy: [group] }, nodeHost);
for (const { text } of findings) console.log(text);
const { file } = await report({ comparison: folder }, nodeHost);
console.log(file);
