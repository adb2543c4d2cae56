import { failRequest } from '../../common/error.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { openNet, readNetFile, testCoverage } from '../../training/definition.node.ts';
import { type Note, noteText } from '../../training/notes.ts';
import { pathResolver } from '../../training/paths.node.ts';
import { readTrainedWeights } from '../../training/source.node.ts';
import { testWeights } from '../../training/test.node.ts';
import type { Tested } from '../../training/testing.ts';
import { isDefinition } from '../caffe.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { testModel } from './model.ts';
import { type TestFields, type TestRequest, testRequest } from './request.ts';

/** What each batch puts out, and what people should know. */
export type TestEvent =
  /** What a batch puts out. */
  | { readonly kind: 'batch'; readonly batch: number; readonly outputs: Tested['outputs'] }
  /** Where files were found, and what people should know. */
  | NoteEvent;

/** What a test gives on average. */
export interface TestResult extends Tested {
  readonly model: string;
  /** Batches. */
  readonly iterations: number;
  /** What people should know of it. */
  readonly notes: readonly Note[];
}

/**
 * Runs the test phase of a Caffe network on its own data, or an `.onnx` model on labelled pictures, as `caffe test` does.
 * Errors: the request's; the network's, the weights', the data's.
 */
export async function test(
  request: TestRequest,
  host: Host,
  watch: Watch<TestEvent> = {},
): Promise<TestResult> {
  const fields = checkRequest(testRequest, request, watch.signal);
  const notes: Note[] = [];
  const each: Each = (batch, outputs) => {
    watch.signal?.throwIfAborted();
    watch.on?.({ kind: 'batch', batch, outputs });
  };
  const { model, iterations, data } = fields;
  if (await isDefinition(model, host)) {
    return { model, iterations, notes, ...(await testDefinition(fields, host, watch, notes, each)) };
  }
  if (fields.weights !== undefined)
    failRequest(words`${field('weights')}`, `${model} has its own`, 'leave them out');
  if (data === undefined)
    failRequest(words`${field('data')}`, `${model} names no data`, 'give an image list or an LMDB database');
  return { model, iterations, notes, ...(await testModel({ ...fields, data }, host, each)) };
}

type Each = (batch: number, outputs: Tested['outputs']) => void;

/** The test phase of a Caffe network. */
async function testDefinition(
  { model: file, weights, data, iterations, map, dataRoot, ...compute }: TestFields,
  host: Host,
  { on }: Watch<TestEvent>,
  notes: Note[],
  each: Each,
): Promise<Tested> {
  if (weights === undefined)
    failRequest(words`${field('weights')}`, `${file} has none of its own`, 'give a .caffemodel');
  if (data !== undefined) {
    failRequest(
      words`${field('data')}`,
      `${file} names its data itself`,
      words`map it with ${field('map')} or ${field('dataRoot')}`,
    );
  }
  const say = (text: string) => on?.({ kind: 'note', text });
  const resolve = pathResolver({ map, dataRoot, tell: (path, found) => say(`${path} is ${found}`) });
  const sources = await Promise.all(weights.map(readTrainedWeights));
  const net = await readNetFile(file);
  return scoped(async (own) => {
    const fed = await openNet(net, { phase: 'test' }, { resolve, seed: 0, threads: 1, complain: say });
    own(fed.batches);
    notes.push(...net.notes, ...testCoverage(fed, iterations));
    for (const note of notes) say(noteText(note));
    const { runtime, session, workers } = await host.compute(fed.graph.graph, iterations, compute);
    return testWeights(fed, sources, runtime, session, { iterations, atOnce: workers, each });
  });
}
