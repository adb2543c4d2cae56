import type { GraphBuilder } from '../../graph/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { TensorSurvey } from './survey.ts';

/**
 * Adds outputs to a graph that survey the given float32 values where they are computed, so that none has to be kept.
 * Values must not be graph inputs or constants. Returns what reads the surveys from a run's results.
 */
export function probe(
  b: GraphBuilder,
  values: readonly string[],
): (results: Awaited<ReturnType<Session['run']>>) => Map<string, TensorSurvey> {
  b.scope('probe');
  const [toInt32, whole] = [{ to: 6 }, b.ints(-1)];
  const places = values.map((value, i) => {
    const output = (what: string, made: string, type: 'float32' | 'int32' | 'int64') => {
      const name = `probe:${what}:${i}`;
      b.output(made, { name, type, shape: [] });
      return name;
    };
    const bad = b.op('Or', [b.op('IsNaN', [value]), b.op('IsInf', [value])]);
    const marks = b.op('Reshape', [b.op('Cast', [bad], toInt32), whole]);
    const first = b.op('ArgMax', [marks], { axis: 0, keepdims: 0 });
    const flat = b.op('Reshape', [value, whole]);
    const finite = b.op('Where', [bad, b.scalar(0), b.op('Abs', [value])]);
    return {
      value,
      count: output('count', b.op('ReduceSum', [marks], { keepdims: 0 }), 'int32'),
      first: output('first', first, 'int64'),
      found: output('found', b.op('Gather', [flat, first], { axis: 0 }), 'float32'),
      reach: output('reach', b.op('ReduceMax', [finite], { keepdims: 0 }), 'float32'),
    };
  });
  return (results) => {
    const number = (name: string): number => Number(results[name].data[0]);
    return new Map(
      places.map(({ value, ...names }) => {
        const count = number(names.count);
        const bad = count > 0;
        const [first, found] = [bad ? number(names.first) : -1, bad ? number(names.found) : undefined];
        return [value, { count, first, found, reach: number(names.reach) }];
      }),
    );
  };
}
