import type { RankedClass } from '../../classifier/index.ts';
import type { Crops } from '../../image/index.ts';
import type { FaceRecord } from '../faces/table.ts';
import type { FailedItem, ProgressEvent } from '../verb.ts';

/** What one output says of a photo: its best classes, or a number. */
export type HeadAnswer =
  | { readonly kind: 'classes'; readonly probabilities: boolean; readonly top: readonly RankedClass[] }
  | { readonly kind: 'number'; readonly value: number };

/** What a model says of one photo, by output. */
export interface ClassifiedPhoto {
  /** The photo's file, with `, face 2` where it has several; of a prepared batch `X.npy[3]`. */
  readonly item: string;
  /** Where the face is, if faces were asked about. */
  readonly face?: FaceRecord | undefined;
  /** What people should know of how it was prepared, in sentences without a stop. */
  readonly remarks?: readonly string[] | undefined;
  readonly outputs: Readonly<Record<string, HeadAnswer>>;
}

/** What a model says of photos. */
export interface ClassifyResult {
  readonly model: string;
  readonly crops: Crops;
  /** In the order of the request. */
  readonly photos: readonly (ClassifiedPhoto | FailedItem)[];
}

/** How far the work is, and each photo as soon as it is done. */
export type ClassifyEvent =
  | ProgressEvent
  | { readonly kind: 'photo'; readonly photo: ClassifiedPhoto | FailedItem };

/** The document that scripts read: values are called after what they are. */
export function classifyDocument({ model, crops, photos }: ClassifyResult): unknown {
  return {
    model,
    crops,
    photos: photos.map((each) => {
      if ('error' in each) return { photo: each.item, error: each.error };
      const outputs = Object.entries(each.outputs).map(([name, answer]) => {
        if (answer.kind === 'number') return [name, answer.value];
        const key = answer.probabilities ? 'probability' : 'score';
        return [name, answer.top.map(({ index, label, value }) => ({ index, label, [key]: value }))];
      });
      return {
        photo: each.item,
        ...(each.face && { face: each.face }),
        ...(each.remarks && { remarks: each.remarks }),
        outputs: Object.fromEntries(outputs),
      };
    }),
  };
}
