import { create, isFieldSet, toBinary } from '@bufbuild/protobuf';
import { refuseOthers } from '../common/filekind.ts';
import type { Tensor } from '../graph/tensor.ts';
import { blobTensor, tensorBlob } from './blob.ts';
import { encodeBlob, framed } from './caffemodel.ts';
import { decodeCaffe } from './decode.ts';
import { SolverStateSchema } from './generated/caffe_pb.ts';

/** What Caffe keeps of a training beside the weights. */
export interface SolverMemory {
  /** How often the weights were updated. */
  readonly iteration: number;
  /** The file with the weights, as it was named when the state was written; undefined where none is named. */
  readonly learnedNet: string | undefined;
  /** How many steps the learning rate has taken, for the policies that count them. */
  readonly currentStep: number;
  /** For every learnable parameter in the network's order its history; a second time around for Adam and AdaDelta. */
  readonly history: readonly Tensor<'float32'>[];
}

/** A binary `.solverstate`. Errors name `file` and byte offset, or the history's number. */
export function readSolverState(bytes: Uint8Array, file: string): SolverMemory {
  refuseOthers(bytes, file, 'a .solverstate', 'solver state');
  const state = decodeCaffe(SolverStateSchema, bytes, file, 'a .solverstate');
  return {
    iteration: state.iter,
    learnedNet: isFieldSet(state, SolverStateSchema.field.learnedNet) ? state.learnedNet : undefined,
    currentStep: state.currentStep,
    history: state.history.map((blob, i) => blobTensor(blob, `${file}: history ${i}`)),
  };
}

/** A `.solverstate` as Caffe writes it, in parts that follow each other; the histories in them are views, not copies. */
export function solverStateParts({
  iteration,
  learnedNet,
  currentStep,
  history,
}: SolverMemory): Uint8Array[] {
  const { field } = SolverStateSchema;
  return [
    toBinary(
      SolverStateSchema,
      create(SolverStateSchema, { iter: iteration, ...(learnedNet !== undefined && { learnedNet }) }),
    ),
    ...history.flatMap((tensor) => framed(field.history.number, encodeBlob(tensorBlob(tensor)))),
    toBinary(SolverStateSchema, create(SolverStateSchema, { currentStep })),
  ];
}
