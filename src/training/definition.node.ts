import { createHash } from 'node:crypto';
import { resolve as absolute, basename, dirname } from 'node:path';
import {
  filterNet,
  inputTypes,
  type LayerParameter,
  type NetParameter,
  parsePrototxt,
  parseSolver,
  type Tell,
  upgradeNet,
} from '../caffe/index.ts';
import { importTraining } from '../caffe/training/import.ts';
import type { TrainingNet } from '../caffe/training/net.ts';
import { fail } from '../common/error.ts';
import { readTextFile } from '../common/file.node.ts';
import { opening } from '../common/scope.ts';
import { field } from '../common/words.ts';
import { type BatchesOptions, openBatches, type PrefetchedBatches } from './batches/open.node.ts';
import { checkKnownLabels, unusedClasses } from './diagnosis/labels.ts';
import type { Note } from './notes.ts';
import { overridden } from './override.ts';
import type { PathResolver } from './paths.node.ts';
import { type Schedule, scheduled } from './schedule.ts';
import { type SolverNet, type SolverSettings, solverSettings } from './solver/index.ts';

/** One phase of a network with what feeds it. */
export interface FedNet {
  /** The network's file, or the solver's where it is defined there. */
  readonly file: string;
  /** The layers that take part, in V2. */
  readonly net: NetParameter;
  readonly graph: TrainingNet;
  readonly batches: PrefetchedBatches;
}

/** What a solver file asks for, opened. */
export interface Definition {
  readonly settings: SolverSettings;
  readonly train: FedNet;
  /** With the number of batches of one test. */
  readonly tests: readonly (FedNet & { readonly iterations: number })[];
  /** What people should know of it before it begins. */
  readonly notes: readonly Note[];
  /** SHA-256 of the texts that define the training, by what they are. */
  readonly contents: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How networks are fed, besides what their layers say. */
export type Feeding = Pick<BatchesOptions, 'seed' | 'threads' | 'shuffle' | 'complain'> & {
  readonly resolve: PathResolver;
  /** The data threads' script; the compiled one unless given. */
  readonly dataScript?: URL;
};

/** A solver file as settings, under a schedule and with other values for some fields; with its own text. */
export async function readSolver(
  file: string,
  {
    schedule = 'as-committed',
    set = {},
  }: { schedule?: Schedule; set?: Readonly<Record<string, string>> } = {},
): Promise<{ settings: SolverSettings; text: string }> {
  const text = await readTextFile(file, 'a solver');
  const left: Note[] = [];
  const parsed = overridden(
    scheduled(parseSolver(text, file, noteInto(left)), schedule, basename(dirname(absolute(file)))),
    set,
    field('set'),
  );
  const settings = solverSettings(parsed, file);
  return { settings: { ...settings, notes: [...left, ...settings.notes] }, text };
}

/** Keeps what is told of fields that are left out. */
const noteInto =
  (notes: Note[]): Tell =>
  (left) =>
    notes.push({ kind: 'field-left-out', ...left });

/**
 * Opens the networks of a solver and their data. Errors: files that are missing or wrong, by place; nothing is left open
 * then.
 */
export async function openDefinition(
  file: string,
  { settings, text }: { readonly settings: SolverSettings; readonly text: string },
  feeding: Feeding,
): Promise<Definition> {
  const contents: Record<string, string> = { solver: hash(text) };
  const files = new Map<string, NetFile>();
  const { opened, close } = await opening(async (own) => {
    const open = async (wanted: SolverNet, what: string): Promise<FedNet> => {
      const source = await netOf(wanted, file, feeding.resolve, files);
      contents[what] = hash(source.text);
      const fed = await openNet(source, wanted.state, feeding);
      own(fed.batches);
      return fed;
    };
    const train = await open(settings.train, 'train net');
    const tests: (FedNet & { iterations: number })[] = [];
    for (const [i, wanted] of settings.tests.entries())
      tests.push({ ...(await open(wanted, `test net #${i}`)), iterations: wanted.iterations });
    return { train, tests };
  });
  const { train, tests } = opened;
  const notes = [
    ...settings.notes,
    ...[...files.values()].flatMap(({ notes: left }) => left),
    ...unusedClasses(train.graph, train.batches.summaries),
    ...tests.flatMap((test, net) => testCoverage(test, test.iterations, net)),
  ];
  return { settings, train, tests, notes, contents, close };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A network's definition, in V2. */
export interface NetFile {
  readonly file: string;
  readonly text: string;
  readonly net: NetParameter;
  /** Fields that are left out. */
  readonly notes: readonly Note[];
}

/** A network's definition: its file's, found from the solver's folder and read once, or the one in the solver. */
async function netOf(
  { source }: SolverNet,
  solver: string,
  resolve: PathResolver,
  files: Map<string, NetFile>,
): Promise<NetFile> {
  if ('definition' in source)
    return { file: solver, text: '', net: upgradeNet(source.definition, solver), notes: [] };
  const file = resolve(source.file, `${solver}: net`, dirname(solver));
  const read = files.get(file) ?? (await readNetFile(file));
  files.set(file, read);
  return read;
}

/** Reads a network's definition from a file. */
export async function readNetFile(file: string): Promise<NetFile> {
  const text = await readTextFile(file, 'a network definition');
  const notes: Note[] = [];
  return { file, text, net: upgradeNet(parsePrototxt(text, file, noteInto(notes)), file), notes };
}

/**
 * One phase of a network, with its data layers opened; whoever opens it closes its batches. Errors: what the network or
 * its data layers say wrongly; nothing is left open then.
 */
export async function openNet(
  { file, net }: { readonly file: string; readonly net: NetParameter },
  state: SolverNet['state'],
  { resolve, dataScript, ...feeding }: Feeding,
): Promise<FedNet> {
  const filtered = filterNet(net, state, file);
  const { opened } = await opening(async (own) => {
    const batches = own(
      await openBatches(feedingLayers(filtered, file), {
        ...feeding,
        phase: state.phase,
        file,
        ahead: 2,
        resolve: (path, what) => resolve(path, what, dirname(file)),
        ...(dataScript && { script: dataScript }),
      }),
    );
    const graph = importTraining(net, file, { ...state, shapes: batches.shapes });
    checkKnownLabels(graph, batches.summaries);
    return { file, net: filtered, graph, batches };
  });
  return opened;
}

/** Whether a test of so many batches shows pictures many times over, or leaves most of them out. */
export function testCoverage({ graph, batches }: FedNet, iterations: number, net?: number): Note[] {
  return graph.data.flatMap(({ layer, batchSize }): Note[] => {
    const { source, pictures } = batches.summaries.get(layer.name)!;
    const shown = iterations * batchSize;
    if (shown < 2 * pictures && shown >= pictures / 2) return [];
    const kind = shown >= 2 * pictures ? 'test-repeats' : 'test-partial';
    return [{ kind, ...(net !== undefined && { net }), source, batches: iterations, batchSize, pictures }];
  });
}

/** The layers that bring data: those of known types, and all others that take nothing and so must make it themselves. */
function feedingLayers({ layer }: NetParameter, file: string): LayerParameter[] {
  const layers = layer.filter(
    ({ type, bottom, top }) => inputTypes.has(type) || (!bottom.length && top.length),
  );
  if (layers.length === 0) {
    fail(
      file,
      'no data layer takes part, so there is nothing to train or test on',
      'add a layer of type Data or ImageData whose include fits; train_val.prototxt has them, deploy.prototxt not',
    );
  }
  return layers;
}
