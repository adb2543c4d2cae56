import type { ClusterReport } from '../../clusters/index.ts';
import { analysisCommandText } from '../state/commands.ts';
import { analysisProgramText } from '../state/programs.ts';
import { Reproduce } from './reproduce.tsx';

type Reported = Pick<ClusterReport, 'findings' | 'limits'> & Parameters<typeof analysisCommandText>[1];

/** What an analysis says in sentences, and what makes the same elsewhere. */
export function FoundPart({
  verb,
  report,
  does,
}: {
  readonly verb: 'clusters' | 'concepts';
  readonly report: Reported;
  /** What the command does: "that finds these clusters". */
  readonly does: string;
}) {
  return (
    <>
      <section class="compared">
        <h2>What was found</h2>
        <Sentences all={report.findings} />
        <h2>What the numbers do not say</h2>
        <Sentences all={report.limits} />
      </section>
      <Reproduce
        command={analysisCommandText(verb, report)}
        program={analysisProgramText(verb, report)}
        does={does}
      />
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
