import { classifierOf } from '../../classifier/index.ts';
import { readNpy, type ScalarMap, writeNpy } from '../../image/index.ts';
import { type ExplainRequest, explain } from '../../verbs/explain/index.ts';
import type { Host } from '../../verbs/host.ts';
import { preparePhoto } from '../../verbs/photos.ts';
import { runModel } from '../../verbs/run/index.ts';
import { failItem, type ProgressEvent, type Watch } from '../../verbs/verb.ts';
import type { ChannelSheet, LayerSheet } from '../protocol/index.ts';

/** So many channels are shown. */
const shownChannels = 32;

/** Methods whose relevance can be had at any layer. */
const anywhere = new Set([
  'lrp',
  'gradient',
  'gradient-x-input',
  'guided-backprop',
  'deconvnet',
  'excitation-backprop',
]);

/** What a layer holds of a photo: what the verb `run` computes there, and what `explain` gives it. */
export async function layerSheet(
  request: ExplainRequest,
  layer: string,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<LayerSheet> {
  const { model: path, photos } = request;
  const { model } = await host.files.readModel(path);
  const classifier = classifierOf(model, { name: path, head: request.head });
  const { input } = await preparePhoto(photos[0], classifier, 'center', host);
  const folder = `layer-${crypto.randomUUID()}`;
  const prepared = `${folder}/input.npy`;
  await host.files.write(prepared, writeNpy(input));
  const { outputs } = await runModel(
    { model: path, input: [prepared], outputs: [layer], output: folder },
    host,
    { signal: watch.signal },
  );
  const computed = readNpy(await host.files.read(outputs[0].file), outputs[0].file);
  for (const file of [prepared, outputs[0].file]) await host.files.remove(file);
  const activations = sheetOf(Float32Array.from(computed.data, Number), computed.shape.slice(1));
  if (!anywhere.has(request.method ?? 'lrp')) return { activations, relevance: undefined };
  const { photos: explained } = await explain({ ...request, layer: [layer] }, host, watch);
  for await (const each of explained) {
    if ('error' in each) failItem(each);
    const tensor = each.layers[layer];
    return { activations, relevance: tensor && sheetOf(tensor.data, tensor.shape.slice(1)) };
  }
  return { activations, relevance: undefined };
}

/**
 * The channels that hold most of a layer's values, C×H×W, and the sum of all; a layer without height and width is one map of
 * all units.
 */
export function sheetOf(data: Float32Array, shape: readonly number[]): ChannelSheet {
  const spatial = shape.length === 3;
  const [height, width] = spatial ? shape.slice(1) : shape.length === 2 ? shape : [1, data.length];
  const size = height * width;
  const whole = new Float32Array(size);
  for (const [i, value] of data.entries()) whole[i % size] += value;
  const channels = Array.from({ length: data.length / size }, (_, channel) => {
    const map: ScalarMap = { width, height, data: data.slice(channel * size, (channel + 1) * size) };
    let [sum, absolute] = [0, 0];
    for (const value of map.data) {
      sum += value;
      absolute += Math.abs(value);
    }
    return { channel, sum, absolute, map };
  });
  return {
    shape,
    sum: channels.reduce((total, { sum }) => total + sum, 0),
    ...(data.length > size && size > 1 && { whole: { width, height, data: whole } }),
    channels: channels.sort((a, b) => b.absolute - a.absolute).slice(0, shownChannels),
  };
}
