import { isFieldSet } from '@bufbuild/protobuf';
import {
  type NetParameter,
  type NetState,
  NetStateSchema,
  Phase,
  type SolverParameter,
  SolverParameterSchema,
  type State,
} from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';

/** A network as a solver names it: a file, relative to where Caffe is run, or a definition inside the solver. */
export type NetSource = { readonly file: string } | { readonly definition: NetParameter };

export interface SolverNet {
  readonly source: NetSource;
  /** What it is built for, on top of the network's own `state`. */
  readonly state: State;
}

export interface TestNet extends SolverNet {
  /** Batches of one test. */
  readonly iterations: number;
}

/**
 * The networks of a solver, test networks in Caffe's order: test_net_param, test_net, then as many of `net` (or
 * net_param) as test_iter has entries left. Errors: no training network or several, counts that do not match.
 */
export function solverNets(solver: SolverParameter, file: string): { train: SolverNet; tests: TestNet[] } {
  const { net, netParam, trainNet, trainNetParam, testIter, testState } = solver;
  const has = (field: 'net' | 'trainNet') => isFieldSet(solver, SolverParameterSchema.field[field]);
  const general: NetSource[] = [
    ...(netParam ? [{ definition: netParam }] : []),
    ...(has('net') ? [{ file: net }] : []),
  ];
  const training: NetSource[] = [
    ...general,
    ...(trainNetParam ? [{ definition: trainNetParam }] : []),
    ...(has('trainNet') ? [{ file: trainNet }] : []),
  ];
  if (training.length === 0) fail(file, 'no network to train', 'add net: "train_val.prototxt"');
  if (training.length > 1) {
    fail(
      file,
      `${training.length} networks to train`,
      'keep one of net, net_param, train_net, train_net_param',
    );
  }
  const own: NetSource[] = [
    ...solver.testNetParam.map((definition) => ({ definition })),
    ...solver.testNet.map((name) => ({ file: name })),
  ];
  checkCounts(solver, own.length, general.length > 0, file);
  const tests = testIter.map((iterations, i) => ({
    source: own[i] ?? general[0],
    state: stateOf(testState[i], 'test'),
    iterations,
  }));
  return { train: { source: training[0], state: stateOf(solver.trainState, 'train') }, tests };
}

function checkCounts(solver: SolverParameter, own: number, general: boolean, file: string): void {
  const { testIter, testState, testInterval } = solver;
  const given = testIter.length;
  if (general ? given < own : given !== own) {
    const fix = `give ${general ? 'at least ' : ''}one test_iter for each`;
    fail(file, `${given} test_iter for ${own} test networks`, fix);
  }
  if (testState.length > 0 && testState.length !== given) {
    fail(file, `${testState.length} test_state for ${given} test networks`, 'give one for each, or none');
  }
  const few = testIter.find((iterations) => iterations < 1);
  if (few !== undefined) fail(file, `test_iter ${few} is less than 1`, 'give the batches of a test');
  if (given > 0 && testInterval < 1) {
    fail(file, 'test_interval is missing', 'give the iterations between tests, or remove test_iter');
  }
}

function stateOf(state: NetState | undefined, phase: State['phase']): State {
  if (!state) return { phase };
  const has = (field: keyof typeof NetStateSchema.field) => isFieldSet(state, NetStateSchema.field[field]);
  return {
    phase: has('phase') ? (state.phase === Phase.TRAIN ? 'train' : 'test') : phase,
    ...(has('level') && { level: state.level }),
    stages: [...state.stage],
  };
}
