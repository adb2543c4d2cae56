import { availableParallelism } from 'node:os';
import type { LimnError } from '../common/error.ts';
import { count, plural } from '../common/format.ts';
import { scoped } from '../common/scope.ts';
import type { Dataset } from '../data/index.ts';
import { pictureOf } from '../data/pictures.node.ts';
import { type Examinee, type Exhibit, examine } from '../evaluation/examine.ts';
import type { Journal } from '../evaluation/journal.node.ts';
import type { Preprocessing } from '../graph/index.ts';
import { linkOf } from '../relevance/scores.ts';
import type { Candidate, FoldOptions, Setting } from './candidate.ts';
import { complain } from './errors.ts';
import type { Host } from './host.ts';
import { sha256 } from './model.ts';
import { Progress } from './progress.ts';

/** Runs until every question has an answer of every candidate; returns the images that cannot be read. */
export async function ask(
  unfinished: readonly { readonly candidate: Candidate; readonly journal: Journal }[],
  { dataset, survey: { questions } }: Setting,
  host: Host,
  options: FoldOptions,
): Promise<ReadonlyMap<number, LimnError>> {
  const todo = new Set(
    questions
      .filter(({ index }) => unfinished.some(({ journal }) => !journal.said.has(index)))
      .map(({ index }) => index),
  );
  const broken = new Map<number, LimnError>();
  if (todo.size === 0) return broken;
  const preparations = new Map<string, Preprocessing>();
  for (const { candidate } of unfinished) preparations.set(keyOf(candidate.how), candidate.how);
  const keys = [...preparations.keys()];
  const progress = new Progress('photos');
  const perPhoto = options.crops === 'ten' ? 10 : 1;
  let done = questions.length - todo.size;
  if (done > 0)
    complain(`${count(done)} of ${plural(questions.length, 'photo')} are answered already; going on`);
  await scoped(async (own) => {
    own({ close: () => progress.clear() });
    const examinees: Examinee[] = [];
    for (const { candidate } of unfinished) {
      const { graph, head, how } = candidate;
      examinees.push({
        graph,
        session: own(await host.runtime.load(graph, host.session)),
        output: head.output,
        logarithm: linkOf(graph, head.output)?.kind === 'log-softmax',
        preparation: keys.indexOf(keyOf(how)),
      });
    }
    const running = {
      crops: options.crops,
      // No worker idles while another has all photos.
      batch: Math.min(options.batch, Math.max(1, Math.ceil(todo.size / host.workers)) * perPhoto),
      workers: host.workers,
      decoders: availableParallelism() + 1,
    };
    const asked = examine(exhibits(dataset, todo), [...preparations.values()], examinees, running);
    for await (const some of asked) {
      const good = some.flatMap((each) => ('said' in each ? [each] : []));
      for (const [m, { journal }] of unfinished.entries()) {
        await journal.add(good.map(({ exhibit, said }) => [exhibit.index, said[m]!]));
      }
      for (const each of some) if ('error' in each) broken.set(each.exhibit.index, each.error);
      done += some.length;
      progress.at(done, todo.size);
    }
  });
  return broken;
}

/** The photos that are still to be shown. */
async function* exhibits(
  dataset: Dataset,
  todo: ReadonlySet<number>,
): AsyncGenerator<Exhibit & { readonly index: number }> {
  let [index = 0] = todo;
  for await (const { name, content } of dataset.samples(index)) {
    const at = index++;
    if (!todo.has(at)) continue;
    yield { index: at, name, picture: async () => pictureOf(await content(), name) };
  }
}

/** Preprocessings with the same key make the same input of a photo. */
function keyOf({ mean, ...rest }: Preprocessing): string {
  const image = mean !== undefined && 'data' in mean;
  return JSON.stringify({
    ...rest,
    mean: image ? sha256(new Uint8Array(mean.data.buffer, mean.data.byteOffset, mean.data.byteLength)) : mean,
  });
}
