import { type LeftOut, leftOutText } from '../caffe/index.ts';

/** Something that people should know of a training besides its numbers. `kind` says what, for programs. */
export type Note =
  /** A field of the solver has no effect here. */
  | { readonly kind: 'field-ignored'; readonly file: string; readonly field: string }
  /** A field of one of Caffe's forks, on which nothing depends that limn computes. */
  | ({ readonly kind: 'field-left-out' } & LeftOut)
  /** Snapshots are asked for in a form that limn does not write. */
  | { readonly kind: 'snapshot-format'; readonly file: string; readonly format: string }
  /** A test shows its pictures several times, or only some of them. */
  | ({ readonly kind: 'test-repeats' | 'test-partial' } & TestCoverage)
  /** A loss has many more classes than the labels name. */
  | ({ readonly kind: 'classes-unused' } & UnusedClasses)
  /** A loss has been near the most that it can be for a while. */
  | { readonly kind: 'loss-ceiling'; readonly output: string; readonly value: number; readonly most: number };

export interface TestCoverage {
  /** Which of the solver's test networks; undefined for a test by itself. */
  readonly net?: number;
  readonly source: string;
  readonly batches: number;
  readonly batchSize: number;
  /** Pictures that there are. */
  readonly pictures: number;
}

export interface UnusedClasses {
  readonly source: string;
  /** The loss, and its classes. */
  readonly layer: string;
  readonly classes: number;
  /** The largest label, among so many that were looked at. */
  readonly largest: number;
  readonly looked: number;
}

/** What a note says, in one line; what to do comes after a semicolon, as in errors. */
export function noteText(note: Note): string {
  switch (note.kind) {
    case 'field-ignored':
      return `${note.file}: ${note.field} has no effect here`;
    case 'field-left-out':
      return leftOutText(note);
    case 'snapshot-format':
      return `${note.file}: snapshot_format: ${note.format} is not written; snapshots are BINARYPROTO, .caffemodel and .solverstate, which Caffe reads as well`;
    case 'test-repeats':
    case 'test-partial': {
      const { net, source, batches, batchSize, pictures } = note;
      const shown = batches * batchSize;
      const whole = Math.ceil(pictures / batchSize);
      const [who, field] = net === undefined ? ['the test', 'iterations'] : [`test net #${net}`, 'test_iter'];
      const [how, all] =
        note.kind === 'test-repeats'
          ? [`each ${round(shown / pictures)} times`, 'each once']
          : ['another part of them in each test', 'all'];
      return `${who} shows ${shown} pictures (${field} ${batches} × batch_size ${batchSize}) of the ${pictures} in ${source}, ${how}; ${field}: ${whole} shows ${all}`;
    }
    case 'classes-unused': {
      const { source, layer, classes, largest, looked } = note;
      return `layer '${layer}' has ${classes} classes, but of ${looked} labels in ${source} the largest is ${largest}; num_output: ${largest + 1} suffices for them`;
    }
    case 'loss-ceiling':
      return `'${note.output}' stays near ${round(note.most)}, the most that a label can cost (it is ${round(note.value)}): true classes get a probability of 0; lower base_lr, give transform_param a mean and a scale, or start from trained weights`;
  }
}

const round = (x: number): number => Number(x.toPrecision(4));
