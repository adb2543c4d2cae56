import type { ResolvedTarget } from '../../attribution/index.ts';
import { inBatches, preprocessingOf, rows } from '../../classifier/index.ts';
import { scoped } from '../../common/scope.ts';
import {
  channelOutputs,
  conditionalGraph,
  type PixelWindow,
  receptiveField,
  relevanceExtent,
  sharesOf,
  squared,
} from '../../concepts/index.ts';
import { blurred } from '../../faithfulness/replacement.ts';
import { float32, type Tensor } from '../../graph/index.ts';
import {
  cropImage,
  heatmaps,
  type Image,
  limitOf,
  networkViews,
  overlay,
  type ScalarMap,
} from '../../image/index.ts';
import { colormap } from '../../image/maps/colormap.ts';
import type { Session, Tensors } from '../../runtime/index.ts';
import type { SetPhoto } from '../photoset.ts';
import { type ConceptsWork, computeFor, type LayerPlace, targetInput, targetTensor } from './setting.ts';

/** A question about a photo: what of it goes through one channel? */
export interface Condition {
  readonly channel: number;
  readonly target: ResolvedTarget;
  /** Where in the channel's feature map it is asked about: only what that place sees is shown; all unless given. */
  readonly at?: readonly [row: number, column: number] | undefined;
}

/** Its answer, as it is drawn. */
export interface ConditionalView {
  /** What the place sees, and the part of it where the relevance lies. */
  readonly field: PixelWindow;
  readonly crop: PixelWindow;
  /** That part of the photo, and its relevance over it. */
  readonly picture: Image;
  readonly heat: Image;
  /** The whole photo under the channel's relevance. */
  readonly whole: Image;
  /** Shares of the relevance at the layer below, by channel; absent where there is none. */
  readonly below?: Float64Array | undefined;
}

/** The part of the conditional relevance that a crop shows. */
const SHARE = 0.8;

/** Answers conditions on one layer, photo by photo. */
export interface ConditionReader {
  readonly decoders: number;
  view(photo: SetPhoto, conditions: readonly Condition[]): Promise<ConditionalView[]>;
}

/**
 * Loads the graph of a layer's conditions for so many of them, does work with it and frees it: one network is in memory
 * at a time, however many layers there are. Errors: as of `conditionalGraph`.
 */
export function withConditions<T>(
  work: ConceptsWork,
  place: LayerPlace,
  count: number,
  use: (reader: ConditionReader) => Promise<T>,
): Promise<T> {
  return scoped(async (own) => {
    const { classifier, method, target, fields } = work;
    const { model, head } = classifier;
    const below = place.below === undefined ? [] : [place.below];
    const options = { method, head: head.name, target: targetInput(target) };
    const { graph } = conditionalGraph(model, place.name, below, options);
    const {
      runtime,
      session: how,
      decoders,
    } = await computeFor(work, graph, Math.ceil(count / fields.batch));
    const session: Session = own(await runtime.load(graph, how));
    const mask = graph.inputs.find(({ name }) => name === `mask:${place.name}`)!;
    const channels = Number(mask.shape[1]);
    return use({
      decoders,
      async view(photo, conditions) {
        const input = repeated(photo.input, conditions.length);
        const feeds = (from: number, filled: number): Tensors => {
          const some = Array.from({ length: filled }, (_, i) => conditions[from + i] ?? conditions[from]);
          const masks = new Float32Array(filled * channels);
          some.forEach(({ channel }, i) => {
            masks[i * channels + channel] = 1;
          });
          return {
            target: targetTensor(
              some.map((each) => each.target),
              classifier.classes,
            ),
            [mask.name]: float32([filled, channels], masks),
          };
        };
        const found: ConditionalView[] = [];
        const [seen] = networkViews(photo.picture, preprocessingOf(classifier));
        for await (const { from, to, outputs } of inBatches(graph, session, input, {
          size: fields.batch,
          feeds,
        })) {
          work.watch.signal?.throwIfAborted();
          const maps = heatmaps(
            rows(outputs.relevance as Tensor<'float32'>, 0, to - from),
            'sum',
            photo.sample.name,
          );
          for (const [i, map] of maps.entries()) {
            const drawn = drawnView(map, seen, place, conditions[from + i]);
            const lower =
              place.below && (outputs[channelOutputs(place.below).relevance] as Tensor<'float32'>);
            found.push({ ...drawn, ...(lower && { below: sharesOf(rows(lower, i, i + 1).data).shares }) });
          }
        }
        return found;
      },
    });
  });
}

function repeated({ shape, data }: Tensor<'float32'>, times: number): Tensor<'float32'> {
  const all = new Float32Array(times * data.length);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return float32([times, ...shape.slice(1)], all);
}

/** Crops a photo to where a channel's relevance lies within what the place sees. */
function drawnView(
  map: ScalarMap,
  seen: Image,
  { site }: LayerPlace,
  { at }: Condition,
): Omit<ConditionalView, 'below'> {
  const field = at ? receptiveField(site, at) : { left: 0, top: 0, width: map.width, height: map.height };
  const own = within(map, field);
  const least = Math.ceil(Math.min(map.width, map.height) / 5);
  const extent = own.data.some((value) => value > 0) ? relevanceExtent(own, SHARE, least) : field;
  const crop = squared(extent, map, least);
  // Strides leave gratings in relevance, behind which nobody sees where it lies.
  const sigma = Math.min(map.width, map.height) / 80;
  const smooth = { ...map, data: Float32Array.from(blurred(map.data, map.height, map.width, sigma)) };
  const whole = overlay(seen, smooth, colormap('black-firered'), {
    limit: limitOf(smooth, { percentile: 99.5 }),
  });
  return { field, crop, picture: cropImage(seen, crop), heat: cropImage(whole, crop), whole };
}

/** A map with zeros outside of a window. */
function within(map: ScalarMap, { left, top, width, height }: PixelWindow): ScalarMap {
  const data = map.data.map((value, i) => {
    const [x, y] = [i % map.width, Math.floor(i / map.width)];
    return x >= left && x < left + width && y >= top && y < top + height ? value : 0;
  });
  return { ...map, data };
}
