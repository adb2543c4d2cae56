import { count, plural } from '../../common/format.ts';
import { evidenceText, measureNames, measureText, nothingText } from '../../verbs/doctor/words.ts';
import type { DoctorFinding, DoctorResult, Fix } from '../../verbs/index.ts';
import { Remark } from '../parts/notice.tsx';
import type { ShownDiagnosis } from '../protocol/index.ts';
import { fieldOfFinding, type PreparationForm } from './preparation.ts';

/** Takes what mends a finding into the form. */
export type TakeFix = (fix: Extract<Fix, { kind: 'import' }>) => void;

/** The findings that concern a field, or those that concern none. */
export const findingsOf = (
  { findings }: Pick<DoctorResult, 'findings'>,
  field: keyof PreparationForm | undefined,
): readonly DoctorFinding[] => findings.filter(({ kind }) => fieldOfFinding(kind) === field);

/** A finding as a sentence with its evidence, and what mends it. */
export function Finding({ finding, onFix }: { readonly finding: DoctorFinding; readonly onFix: TakeFix }) {
  const { what, evidence, equals, fix } = finding;
  return (
    <div class="mistake">
      <p>{sentence(what)}</p>
      {evidence && <p class="mistake-evidence">{sentence(evidenceText(evidence, finding))}</p>}
      {equals.slice(0, 3).map((other) => (
        <p key={other} class="mistake-evidence">
          As good on these photos: {other}.
        </p>
      ))}
      {fix.kind === 'import' && (
        <button type="button" onClick={() => onFix(fix)}>
          Mend it here
        </button>
      )}
      {fix.kind === 'advice' && <p class="mistake-evidence">{sentence(fix.text)}</p>}
      {fix.kind === 'output' && (
        <p class="mistake-evidence">
          No field says it: the command below writes the mended model with <code>-o mended.onnx</code>.
        </p>
      )}
    </div>
  );
}

/** What was found as a whole: on which photos, how good the network is on them, and what concerns no field. */
export function Diagnosis({ found, onFix }: { readonly found: ShownDiagnosis; readonly onFix: TakeFix }) {
  const { measure, value, sample, target, findings, fix, notes, tried } = found;
  const elsewhere = findings.length - findingsOf(found, undefined).length;
  return (
    <div class="diagnosis" role="status">
      <p>
        {target} of {plural(sample.photos, 'photo')} of {count(sample.of)}: {measureNames[measure]}{' '}
        <strong>{measureText(measure, value)}</strong>
      </p>
      {findings.length === 0 && <p>{sentence(nothingText(found, tried, 'more photos'))}</p>}
      {elsewhere > 0 && (
        <p>
          {plural(elsewhere, 'finding')}, beside {elsewhere === 1 ? 'its field' : 'their fields'} above.
        </p>
      )}
      {findingsOf(found, undefined).map((finding) => (
        <Finding key={finding.what} finding={finding} onFix={onFix} />
      ))}
      {fix?.kind === 'import' && findings.length > 1 && (
        <button type="button" onClick={() => onFix(fix)}>
          Mend all of it here
        </button>
      )}
      {notes.map((note) => (
        <Remark key={note} text={sentence(note)} />
      ))}
    </div>
  );
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
