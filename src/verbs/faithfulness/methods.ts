import type * as v from 'valibot';
import { type ExplainOptions, type Method, methodNames, methodOf } from '../../attribution/index.ts';
import { failRequest } from '../../common/error.ts';
import { meant } from '../../common/nearest.ts';
import { field, words } from '../../common/words.ts';
import { baselines } from '../../faithfulness/index.ts';
import type { ChannelReduction } from '../../image/index.ts';
import { composites } from '../../relevance/composites/composites.ts';
import { baselineOf } from '../explain/explain.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { type FaithfulnessFields, methodSpec } from './request.ts';
import { samplesOf, withFewerSamples } from './sparing.ts';

/** A method that is analysed. */
export interface NamedMethod {
  readonly name: string;
  readonly method: Method & ExplainOptions;
  /** What makes its maps where a metric calls for many of each photo: the same, perhaps with fewer samples. */
  readonly sparing: Method & ExplainOptions;
  readonly pooling: ChannelReduction;
}

/** The methods that are asked for. Errors, of kind `request`: what is none; two of one name. */
export async function methodsOf(
  {
    methods,
    head,
    allSamples = true,
  }: Pick<FaithfulnessFields, 'methods' | 'head'> & Partial<Pick<FaithfulnessFields, 'allSamples'>>,
  host: Host,
): Promise<NamedMethod[]> {
  if (methods.length === 0) failRequest(words`${field('methods')}`, 'expected at least one');
  const found: NamedMethod[] = [];
  for (const given of methods) {
    const { name, pooling, ...fields } =
      typeof given === 'string' ? { name: given, ...specOf(given) } : checkRequest(methodSpec, given);
    const baseline = await baselineOf(fields.baseline, host);
    const method = methodOf({ ...fields, head, baseline, layer: fields.layer, conservation: false });
    const called = name ?? Object.values(fields).filter(Boolean).join(' ');
    if ([...baselines, ...found.map((each) => each.name)].includes(called))
      failRequest(words`${field('methods', called)}`, 'the name is taken', 'give each another name');
    const sparing = allSamples ? method : withFewerSamples(method);
    found.push({ name: called, method, sparing, pooling: pooling ?? 'sum' });
  }
  return found;
}

/** Which methods draw fewer samples where a metric calls for many maps, `smoothgrad 25 of 100`; undefined if none does. */
export function sparingText(
  methods: readonly NamedMethod[],
  { metrics }: Pick<FaithfulnessFields, 'metrics'>,
): string | undefined {
  const asked = (['robustness', 'randomisation', 'smooth-randomisation'] as const).some((each) =>
    metrics.includes(each),
  );
  const fewer = methods.filter(({ method, sparing }) => asked && sparing !== method);
  const each = fewer.map(
    ({ name, method, sparing }) => `${name} ${samplesOf(sparing)} of ${samplesOf(method)}`,
  );
  return each.length > 0 ? each.join(', ') : undefined;
}

/** `epsilon-gamma-box,gamma=1` as fields. Errors: no such method or composite; a field that is none. */
function specOf(text: string): v.InferOutput<typeof methodSpec> {
  const where = words`${field('methods', text)}`;
  const [name, ...more] = text.split(',').map((part) => part.trim());
  const isMethod = methodNames.some((known) => known === name);
  if (!isMethod && !Object.hasOwn(composites, name)) {
    const known = [...new Set([...methodNames, ...Object.keys(composites)])];
    failRequest(where, 'there is no such method or composite', meant(name, known));
  }
  const fields = more.map((part) => {
    const match = /^([A-Za-z]+)=(.+)$/.exec(part);
    if (!match) return failRequest(where, `expected FIELD=VALUE, got '${part}'`);
    const [, key, value] = match;
    return [key, key === 'layer' ? [value] : Number.isFinite(Number(value)) ? Number(value) : value] as const;
  });
  const given = { ...(isMethod ? { method: name } : { composite: name }), ...Object.fromEntries(fields) };
  return checkRequest(methodSpec, given as v.InferInput<typeof methodSpec>);
}
