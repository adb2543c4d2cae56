import type { ClusterReport } from '../../clusters/index.ts';
import { analysisCommandText, analysisProgramText } from '../state/elsewhere.ts';
import { Copyable } from './controls.tsx';

type Reported = Pick<ClusterReport, 'findings' | 'limits'> & Parameters<typeof analysisCommandText>[1];

/** What an analysis says in sentences, and what makes the same elsewhere. */
export function FoundPart({
  verb,
  report,
  label,
}: {
  readonly verb: 'clusters' | 'concepts';
  readonly report: Reported;
  /** Of the command. */
  readonly label: string;
}) {
  return (
    <>
      <section class="compared">
        <h2>What was found</h2>
        <Sentences all={report.findings} />
        <h2>What the numbers do not say</h2>
        <Sentences all={report.limits} />
      </section>
      <details class="elsewhere">
        <summary>The same on the command line and in a program</summary>
        <Copyable text={analysisCommandText(verb, report)} label={label} />
        <Copyable text={analysisProgramText(verb, report)} label="the program" />
      </details>
    </>
  );
}

const Sentences = ({ all }: { readonly all: readonly string[] }) => (
  <ul class="findings">
    {all.map((text) => (
      <li key={text}>{text}</li>
    ))}
  </ul>
);
