import { count, percent, plural, short } from '../../common/format.ts';
import { shellWord } from '../../common/shell.ts';
import type { EvidenceMeasure, MistakeEvidence } from '../../evaluation/index.ts';
import type { DoctorFinding, DoctorRequest, DoctorResult, Fix } from '../../verbs/doctor/index.ts';
import { mendedModel } from '../../verbs/usualnames.ts';
import { flagOf } from '../errors.ts';

/** What was asked besides the model and the data, for commands that ask it again. */
type Asked = Omit<DoctorRequest, 'model' | 'data'>;

const names: Readonly<Record<EvidenceMeasure, string>> = {
  accuracy: 'accuracy',
  error: 'mean absolute error',
  nll: 'negative log-likelihood',
};

const valueText = (measure: EvidenceMeasure, value: number): string =>
  measure === 'accuracy' ? percent(value) : short(value);

/** A diagnosis as people read it. */
export function diagnosisText(result: DoctorResult, asked: Asked): string {
  const { measure, value, unseen, sample, target, findings, fix, notes, tried, written } = result;
  const head =
    `${result.model}: ${target} of ${plural(sample.photos, 'photo')} of ${count(sample.of)} (seed ${sample.seed}), ` +
    `${names[measure]} ${valueText(measure, value)}\n`;
  const lines = findings.map((finding, i) => findingText(finding, i + 1, result, asked));
  const isPrepared = findings.every(({ kind }) => kind !== 'preparation');
  const mendable = findings.filter((finding) => finding.fix.kind !== 'advice');
  const together =
    fix && mendable.length > 1 && isPrepared ? `\nall at once: ${fixText(fix, result, asked)}\n` : '';
  const ways = plural(tried.length, 'other way');
  const limit =
    unseen === undefined ? '' : ` (gains below ${(100 * unseen).toFixed(1)} points need a larger --sample)`;
  const nothing =
    lines.length === 0 ? `nothing found: none of ${ways} to use it is better beyond chance${limit}\n` : '';
  const said = notes.map((note) => `\nnote: ${note}\n`).join('');
  return `${head}${nothing}${lines.join('')}${together}${said}${written ? `→ ${written.join(', ')}\n` : ''}`;
}

function findingText(finding: DoctorFinding, number: number, result: DoctorResult, asked: Asked): string {
  const { kind, what, evidence, equals, fix } = finding;
  const lines = [`\n${number}. ${kind}: ${what}`];
  if (evidence) lines.push(`   ${evidenceText(evidence, finding)}`);
  for (const other of equals.slice(0, 3)) lines.push(`   as good on these photos: ${other}`);
  lines.push(`   fix: ${fixText(fix, result, asked)}`);
  return `${lines.join('\n')}\n`;
}

function evidenceText(
  { measure, before, after, gain, better, worse, n, p }: MistakeEvidence,
  { adjusted, tried }: DoctorFinding,
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
export function diagnosisJson(result: DoctorResult, asked: Asked): Record<string, unknown> {
  const { findings, fix, tried, written, notes, pixels, ...about } = result;
  const text = (each: Fix) => fixText(each, result, asked);
  return {
    ...about,
    findings: findings.map(({ tried: tries, fix: own, ...finding }) =>
      finding.kind === 'preparation'
        ? { kind: finding.kind, what: finding.what, fix: text(own) }
        : { ...finding, tries, fix: text(own) },
    ),
    fix: fix && text(fix),
    notes,
    pixels,
    tried: tried.map(({ variant: { kind, what }, evidence, adjusted }) => ({
      kind,
      what,
      evidence,
      adjusted,
    })),
    written: written?.join(', '),
  };
}

/** A fix as a command, or as advice. */
function fixText(fix: Fix, { model, data }: DoctorResult, asked: Asked): string {
  if (fix.kind === 'advice') return fix.text;
  const output = shellWord(mendedModel(model));
  if (fix.kind === 'output') {
    const { target, head, images, sample, seed } = asked;
    const again = {
      target,
      head,
      images,
      sample: sample === 200 ? undefined : sample,
      seed: seed === 1 ? undefined : seed,
    };
    return ['limn doctor', shellWord(model), shellWord(data), ...optionsOf(again), '-o', output].join(' ');
  }
  const list = fix.labels ? `printf '%s\\n' ${fix.labels.map(shellWord).join(' ')} > labels.txt && ` : '';
  const labels = fix.labels ? ['--labels', 'labels.txt'] : [];
  return `${list}${['limn import onnx', shellWord(model), ...optionsOf(fix.fields), ...labels, '-o', output].join(' ')}`;
}

/** Fields of a request as options of the command line. */
const optionsOf = (fields: object): string[] =>
  Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [flagOf({ field }), optionText(value)],
  );

function optionText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return String(value);
  const { height, width } = value as { height: number; width: number };
  return height === width ? String(height) : `${height}x${width}`;
}
