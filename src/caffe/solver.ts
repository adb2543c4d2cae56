import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { copyWith } from './copy.ts';
import {
  type SolverParameter,
  SolverParameterSchema,
  SolverParameter_SolverType as SolverType,
} from './generated/caffe_pb.ts';

const solverTypes: Readonly<Record<SolverType, string>> = {
  [SolverType.SGD]: 'SGD',
  [SolverType.NESTEROV]: 'Nesterov',
  [SolverType.ADAGRAD]: 'AdaGrad',
  [SolverType.RMSPROP]: 'RMSProp',
  [SolverType.ADADELTA]: 'AdaDelta',
  [SolverType.ADAM]: 'Adam',
};

/** The same solver with the old `solver_type` written as `type`, as Caffe upgrades it when loading. */
export function upgradeSolver(solver: SolverParameter, file: string): SolverParameter {
  const { solverType, type } = SolverParameterSchema.field;
  if (!isFieldSet(solver, solverType)) return solver;
  if (isFieldSet(solver, type)) fail(file, 'the solver has both type and solver_type', 'keep type');
  const name = solverTypes[solver.solverType];
  if (name === undefined) fail(file, `no solver type has the number ${solver.solverType}`);
  return copyWith(SolverParameterSchema, solver, { type: name, solverType: undefined });
}
