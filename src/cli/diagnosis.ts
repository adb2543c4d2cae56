import { count, percent, plural, short } from '../common/format.ts';
import type { Diagnosis, Evidence, Finding, Measure } from '../evaluation/doctor/index.ts';
import { type Before, type Case, commandFor, remedy } from './remedy.ts';

/** What a diagnosis is about. */
export interface Context {
  readonly patient: Case;
  readonly target: string;
  /** Photos that there are, of which the sample was drawn. */
  readonly of: number;
  readonly seed: number;
  /** The model does not say how photos are prepared for it. */
  readonly unprepared: boolean;
}

const names: Readonly<Record<Measure, string>> = {
  accuracy: 'accuracy',
  error: 'mean absolute error',
  nll: 'negative log-likelihood',
};

const valueText = (measure: Measure, value: number): string =>
  measure === 'accuracy' ? percent(value) : short(value);

const unpreparedText =
  'the model does not say how photos are prepared for it; it was tried as its input suggests';

/** A diagnosis as people read it. */
export function diagnosisText(diagnosis: Diagnosis, context: Context): string {
  const { measure, value, unseen, n, findings, notes, tried } = diagnosis;
  const { patient, target, of, seed } = context;
  const head =
    `${patient.model}: ${target} of ${plural(n, 'photo')} of ${count(of)} (seed ${seed}), ` +
    `${names[measure]} ${valueText(measure, value)}\n`;
  const all = commandFor(asGiven(diagnosis, context), diagnosis.setup, patient);
  const lines = findings.map((finding, i) => findingText(finding, i + 1, patient));
  if (context.unprepared) {
    lines.push(`\n${lines.length + 1}. preparation: ${unpreparedText}\n   fix: ${all}\n`);
  }
  const mendable = findings.filter(({ before, after }) => before !== after);
  const together = mendable.length > 1 && !context.unprepared ? `\nall at once: ${all}\n` : '';
  const ways = plural(tried.length, 'other way');
  const limit =
    unseen === undefined ? '' : ` (gains below ${(100 * unseen).toFixed(1)} points need a larger --sample)`;
  const nothing =
    lines.length === 0 ? `nothing found: none of ${ways} to use it is better beyond chance${limit}\n` : '';
  return `${head}${nothing}${lines.join('')}${together}${notes.map((note) => `\nnote: ${note}\n`).join('')}`;
}

function findingText(finding: Finding, number: number, patient: Case): string {
  const { kind, what, evidence, equals } = finding;
  const lines = [`\n${number}. ${kind}: ${what}`];
  if (evidence) lines.push(`   ${evidenceText(evidence, finding)}`);
  for (const other of equals.slice(0, 3)) lines.push(`   as good on these photos: ${other}`);
  lines.push(`   fix: ${remedy(finding, patient)}`);
  return `${lines.join('\n')}\n`;
}

function evidenceText(
  { measure, before, after, gain, better, worse, n, p }: Evidence,
  { adjusted, tried }: Finding,
): string {
  const signed = (value: number) => {
    const text = measure === 'accuracy' ? (100 * Math.abs(value)).toFixed(1) : short(Math.abs(value));
    return `${value < 0 ? '−' : '+'}${text}`;
  };
  const unit = measure === 'accuracy' ? ' points' : '';
  const test = adjusted === undefined ? '' : `, ${short(adjusted)} after Holm for ${tried} tries`;
  return (
    `${names[measure]} ${valueText(measure, before)} → ${valueText(measure, after)}: ${signed(gain.value)}${unit} ` +
    `better (95 % interval ${signed(gain.low)} to ${signed(gain.high)}); of ${plural(n, 'photo')} ${better} better, ` +
    `${worse} worse; p = ${short(p)}${test}`
  );
}

/** A diagnosis for programs. */
export function diagnosisJson(diagnosis: Diagnosis, context: Context): Record<string, unknown> {
  const { measure, n, value, unseen, findings, notes, tried, pixels } = diagnosis;
  const { patient, target, of, seed } = context;
  const command = commandFor(asGiven(diagnosis, context), diagnosis.setup, patient);
  return {
    model: patient.model,
    data: patient.data,
    target,
    sample: { photos: n, of, seed },
    measure,
    value,
    unseen,
    findings: [
      ...findings.map((finding) => {
        const { kind, what, evidence, adjusted, tried: tries, equals } = finding;
        return { kind, what, evidence, adjusted, tries, equals, fix: remedy(finding, patient) };
      }),
      ...(context.unprepared ? [{ kind: 'preparation', what: unpreparedText, fix: command }] : []),
    ],
    ...(diagnosis.findings.length > 0 && { fix: command }),
    notes,
    pixels,
    tried: tried.map(({ variant: { kind, what }, evidence, adjusted }) => ({
      kind,
      what,
      evidence,
      adjusted,
    })),
  };
}

/** The model as it is. */
function asGiven({ findings, setup }: Diagnosis, { unprepared }: Context): Before {
  const { how, ...rest } = findings[0]?.before ?? setup;
  return unprepared ? rest : { ...rest, how };
}
