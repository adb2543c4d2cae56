import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import type { Preprocessing, Tensor } from '../../graph/index.ts';
import type { ScalarMap } from '../../image/index.ts';
import { classify } from '../../verbs/classify/index.ts';
import { doctor } from '../../verbs/doctor/doctor.ts';
import type { Host } from '../../verbs/host.ts';
import { importFromOnnx } from '../../verbs/import/index.ts';
import { preparePhoto } from '../../verbs/photos.ts';
import type {
  DoctorAsk,
  InputChannel,
  PreparationChange,
  PreparedAsk,
  ShownDiagnosis,
  ShownPreparation,
} from '../protocol/index.ts';
import type { AskContext } from './context.ts';
import { unwritten, withModel } from './substitute.ts';

/* Other ways to prepare photos are tried before a model says them: nothing of this is written. */

/**
 * A host that reads a model as an import with these fields would make it, and what that import has to say. Errors: the import's.
 */
export async function preparedHost(
  path: string,
  fields: PreparationChange,
  host: Host,
): Promise<{ readonly host: Host; readonly notes: readonly string[] }> {
  if (Object.keys(fields).length === 0) return { host, notes: [] };
  const notes: string[] = [];
  const made = await unwritten(host, (kept) =>
    importFromOnnx({ model: path, output: 'prepared.onnx', ...fields }, kept, {
      on: ({ text }) => notes.push(text),
    }),
  );
  return { host: made ? withModel(made, host) : host, notes };
}

/** What a network gets of a photo that is prepared so, and what it answers. */
export async function shownPreparation(
  { model: path, photo, fields }: PreparedAsk,
  given: Host,
  { signal }: Pick<AskContext, 'signal'>,
): Promise<ShownPreparation> {
  const { host, notes } = await preparedHost(path, fields, given);
  const { model } = await host.files.readModel(path);
  const classifier = classifierOf(model, { name: path });
  const how = preprocessingOf(classifier);
  const { input, views } = await preparePhoto(photo, classifier, 'center', host);
  const { photos } = await classify({ model: path, photos: [photo], top: 2 }, host, { signal });
  return {
    view: views()[0],
    channels: inputChannels(input, how.channels),
    answer: photos[0],
    notes,
  };
}

const channelNames: Readonly<Record<Preprocessing['channels'], readonly InputChannel['name'][]>> = {
  rgb: ['red', 'green', 'blue'],
  bgr: ['blue', 'green', 'red'],
  gray: ['grey'],
};

/** The channels of one input 1×C×H×W, in the network's order. */
export function inputChannels(
  { data, shape }: Tensor<'float32'>,
  order: Preprocessing['channels'],
): InputChannel[] {
  const [, , height, width] = shape;
  const size = height * width;
  return channelNames[order].map((name, channel) => {
    const map: ScalarMap = { width, height, data: data.slice(channel * size, (channel + 1) * size) };
    let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (const value of map.data) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      sum += value;
    }
    return { name, least, most, mean: sum / size, map };
  });
}

/** What the verb `doctor` finds of a model whose photos are prepared so. */
export async function shownDiagnosis(
  { fields, ...request }: DoctorAsk,
  given: Host,
  { signal, tell }: Pick<AskContext, 'signal' | 'tell'>,
): Promise<ShownDiagnosis> {
  const { host, notes } = await preparedHost(request.model, fields, given);
  const said: string[] = [];
  // The setups that were tried hold whole networks: how many there were is enough to say.
  const {
    tried,
    pixels: _,
    ...found
  } = await doctor(request, host, {
    signal,
    on(event) {
      if (event.kind === 'note') said.push(event.text);
      else
        tell({
          text: `checking: ${event.done} of ${event.total} answers`,
          done: event.done,
          total: event.total,
        });
    },
  });
  return { ...found, notes: [...notes, ...found.notes, ...said], tried: tried.length };
}
