import { count, plural } from '../../common/format.ts';
import { importOnnxLine, optionsOf, shellWord } from '../../common/shell.ts';
import type { DoctorFinding, DoctorRequest, DoctorResult, Fix } from '../../verbs/doctor/index.ts';
import { evidenceText, measureNames, measureText, nothingText } from '../../verbs/doctor/words.ts';
import { mendedModel } from '../../verbs/usualnames.ts';

/** What was asked besides the model and the data, for commands that ask it again. */
type Asked = Omit<DoctorRequest, 'model' | 'data'>;

/** A diagnosis as people read it. */
export function diagnosisText(result: DoctorResult, asked: Asked): string {
  const { measure, value, sample, target, findings, fix, notes, tried, written } = result;
  const head =
    `${result.model}: ${target} of ${plural(sample.photos, 'photo')} of ${count(sample.of)} (seed ${sample.seed}), ` +
    `${measureNames[measure]} ${measureText(measure, value)}\n`;
  const lines = findings.map((finding, i) => findingText(finding, i + 1, result, asked));
  const isPrepared = findings.every(({ kind }) => kind !== 'preparation');
  const mendable = findings.filter((finding) => finding.fix.kind !== 'advice');
  const together =
    fix && mendable.length > 1 && isPrepared ? `\nall at once: ${fixText(fix, result, asked)}\n` : '';
  const nothing = lines.length === 0 ? `${nothingText(result, tried.length, 'a larger --sample')}\n` : '';
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
  const output = mendedModel(model);
  if (fix.kind === 'output') {
    const { target, head, images, sample, seed } = asked;
    const again = {
      target,
      head,
      images,
      sample: sample === 200 ? undefined : sample,
      seed: seed === 1 ? undefined : seed,
    };
    return [
      'limn doctor',
      shellWord(model),
      shellWord(data),
      ...optionsOf(again),
      '-o',
      shellWord(output),
    ].join(' ');
  }
  return importOnnxLine(model, output, { ...fix.fields, labels: fix.labels });
}
