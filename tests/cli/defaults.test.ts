/** The command line is one client of the verbs: what it does where nothing is said is what their requests say. */
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Command, Option } from '../../src/cli/command.ts';
import { programFor } from '../../src/cli/program.ts';
import * as plan from '../../src/plan/index.ts';
import { explainCommandText } from '../../src/studio/state/commands.ts';
import { heatmapScaleOf } from '../../src/verbs/explain/request.ts';
import * as verbs from '../../src/verbs/index.ts';

type Request = v.StrictObjectSchema<v.ObjectEntries, undefined>;

const requests = Object.fromEntries(
  Object.entries({ ...verbs, ...plan }).flatMap(([name, value]): [string, Request][] =>
    name.endsWith('Request') && typeof value === 'object' ? [[name, value as unknown as Request]] : [],
  ),
);

/** What each command asks; commands of plans ask one or the other, as they are called. */
const asked: Readonly<Record<string, readonly string[]>> = {
  'import caffe': ['importCaffeRequest'],
  'import onnx': ['importOnnxRequest'],
  'import hf': ['importHuggingFaceRequest'],
  'import tfjs': ['importTfjsRequest'],
  'import toolbox': ['importToolboxRequest'],
  'import face-api': ['importFaceApiRequest'],
  inspect: ['inspectRequest'],
  classify: ['classifyRequest', 'classifyShardRequest'],
  faces: ['facesRequest', 'facesShardRequest'],
  explain: ['explainRequest', 'saveRequest'],
  faithfulness: ['faithfulnessRequest', 'faithfulnessShardRequest'],
  clusters: ['clustersRequest', 'clustersShardRequest', 'hideRequest'],
  concepts: ['conceptsRequest', 'conceptsShardRequest'],
  compile: ['compileRequest'],
  evaluate: ['evaluateRequest'],
  merge: ['mergeRequest'],
  'data lists': ['dataListsRequest'],
  'data square': ['dataSquareRequest'],
  'data join': ['dataJoinRequest'],
  'data lmdb': ['dataLmdbRequest'],
  'data mean': ['dataMeanRequest', 'dataMeansRequest'],
  'data sample': ['dataSampleRequest'],
  'data adience': ['dataAdienceRequest'],
  'data show': ['dataShowRequest'],
  compare: ['compareRequest'],
  doctor: ['doctorRequest', 'definitionsRequest'],
  average: ['averageRequest', 'averageShardRequest'],
  draw: ['drawRequest'],
  regions: ['regionsRequest', 'regionsShardRequest'],
  report: ['reportRequest'],
  plot: ['plotRequest'],
  grid: ['gridRequest', 'gridShardRequest'],
  train: ['trainRequest'],
  test: ['testRequest'],
  plan: ['planRequest'],
  study: ['studyRequest', 'runPlanRequest'],
  init: ['initRequest'],
  run: ['runPlanRequest', 'submitRequest', 'writeScriptsRequest', 'writeManifestRequest', 'runModelRequest'],
  status: ['planStatusRequest'],
  cancel: ['cancelRequest'],
  collect: ['collectRequest'],
  demo: ['demoRequest'],
};

/** Commands that ask no verb. */
const askNone = ['worker', 'studio', 'completion'];

/** Requests that only the library, plans and the page make. */
const ofNoCommand = ['pageRequest'];

/** Fields whose usual value a client chooses for itself: where it writes, and on what it computes. */
const ofClients = ['output', 'provider'];

/** Options of how limn is called, of what it prints, and of what is one request or another. */
const ofCalls = [
  ...['json', 'overwrite', 'require', 'all', 'largest', 'absolute', 'predictionsInRows', 'hide'],
  ...['on', 'wait', 'detach', 'dryRun', 'planOnly'],
];

/** Fields that are words of a call rather than options, or are no person's to say. */
const words: Readonly<Record<string, readonly string[]>> = {
  'import face-api': ['weights', 'manifest'],
  faces: ['photos', 'which'],
  explain: ['model', 'photos', 'targets'],
  clusters: ['model', 'data', 'heatmaps', 'signed', 'hide'],
  doctor: ['model', 'data', 'definitions'],
  report: ['comparison', 'snapshots'],
  study: ['study', 'plan', 'settle'],
  run: ['plan', 'model'],
  demo: ['next'],
};

const leaves = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap((inner) => leaves(inner, [...path, inner.name()]));

const commands = new Map(leaves(await programFor(['completion'])));

const fieldsOf = (name: string): string[] => [
  ...new Set(asked[name].flatMap((request) => Object.keys(requests[request].entries))),
];

/** What a field is where nothing is said; `undefined` where that is another matter than one value. */
const usual = (request: Request, field: string): unknown => {
  const entry = request.entries[field] as v.GenericSchema | undefined;
  return entry && v.safeParse(entry, undefined).output;
};

/** What stands for nothing: a flag that was not given, no values. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Whether an option's help says the value that holds without it: `50 unless given`. */
function says({ description }: Option, value: unknown): boolean {
  const said = description.split(/[\s;:()]+|,(?=\s)/);
  return /unless given/.test(description) && [value].flat().every((each) => said.includes(String(each)));
}

it('knows what each command asks, and of each request who makes it', () => {
  expect([...commands.keys()].toSorted()).toEqual([...Object.keys(asked), ...askNone].toSorted());
  expect(Object.keys(requests).toSorted()).toEqual(
    [...new Set([...Object.values(asked).flat(), ...ofNoCommand])].toSorted(),
  );
});

describe.each(Object.keys(asked))('limn %s', (name) => {
  const command = commands.get(name)!;

  it('does by default what its request does, and says so', () => {
    const wrong: string[] = [];
    for (const option of command.options) {
      const field = option.attributeName();
      if (ofClients.includes(field)) continue;
      const given: unknown = command.getOptionValue(field);
      for (const request of asked[name]) {
        const value = usual(requests[request], field);
        if (isDeepStrictEqual(given, value) || (isNothing(given) && isNothing(value))) continue;
        if (given === undefined && says(option, value)) continue;
        if (!(field in requests[request].entries)) continue;
        wrong.push(`${option.flags}: ${JSON.stringify(given)}; ${request}: ${JSON.stringify(value)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has an option for each field, and a field for each option', () => {
    const options = command.options.map((option) => option.attributeName());
    const fields = fieldsOf(name);
    expect(options.filter((each) => !fields.includes(each) && !ofCalls.includes(each))).toEqual([]);
    const missing = fields.filter((each) => !options.includes(each));
    // The others are the words of a call, as many as there are.
    if (name in words) expect(words[name]).toEqual(expect.arrayContaining(missing));
    else expect(missing).toHaveLength(name === 'evaluate' ? 2 : command.registeredArguments.length);
  });
});

it('the page leaves out of a command what holds anyway', () => {
  const { target, method, colors } = v.parse(verbs.explainRequest, { model: 'a', photos: ['b'] });
  const drawing = {
    colors,
    percentile: v.parse(v.object({ percentile: v.number() }), heatmapScaleOf({})).percentile,
  };
  expect(explainCommandText({ model: 'a.onnx', photos: ['b.png'], target, method }, drawing)).toBe(
    'limn explain a.onnx b.png -o explained',
  );
});
