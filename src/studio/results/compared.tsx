import { useState } from 'preact/hooks';
import type { ComparisonReport } from '../../report/comparison.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { ReportTable } from '../parts/reporttable.tsx';
import { CommandAndProgram, Reproduce } from '../parts/reproduce.tsx';
import { useAsked } from '../state/asked.ts';
import { compareCommandText } from '../state/commands.ts';
import { studioFilesSignal } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { verbProgramText } from '../state/programs.ts';
import { comparisonElsewhere, gridElsewhere } from './elsewhere.ts';

/** What a comparison found, in words and tables. */
function Compared({ report: { findings, tables, targets } }: { readonly report: ComparisonReport }) {
  return (
    <div class="compared">
      <ul class="findings">
        {findings.map(({ text, significant }) => (
          <li key={text} class={significant ? 'significant' : ''}>
            {text}
          </li>
        ))}
      </ul>
      {tables.map(({ name, table }) => (
        <ReportTable key={name} table={table} />
      ))}
      {targets
        .flatMap(({ notes }) => notes)
        .map((note) => (
          <p key={note} class="hint">
            {note}
          </p>
        ))}
    </div>
  );
}

/** A comparison that `limn compare` wrote. */
export function ComparisonPart({ path }: { readonly path: string }) {
  const asked = useAsked('comparison', { path }, 'reading the comparison');
  if (asked.state === 'failed') return <Failure asked={asked} />;
  return asked.state === 'ready' ? (
    <>
      <Compared report={asked.answer} />
      <Reproduce {...comparisonElsewhere(asked.answer)} does="that compares" />
    </>
  ) : (
    <Waiting text="reading the comparison" />
  );
}

/** An evaluation held against others that are chosen. */
export function CompareWith({
  folder,
  others,
}: {
  readonly folder: string;
  readonly others: readonly string[];
}) {
  const [chosen, choose] = useState<readonly string[]>([]);
  const results = [folder, ...chosen.filter((each) => others.includes(each))];
  const request = { results };
  const asked = useAsked('compare', results.length > 1 ? request : undefined, 'comparing');
  if (others.length === 0) return null;
  return (
    <details class="compare-with">
      <summary>Compare with other evaluations</summary>
      <ul class="compare-others">
        {others.map((other) => (
          <li key={other}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(other)}
                onChange={({ currentTarget }) =>
                  choose(currentTarget.checked ? [...chosen, other] : chosen.filter((each) => each !== other))
                }
              />{' '}
              {other}
            </label>
          </li>
        ))}
      </ul>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="comparing" />}
      {asked.state === 'ready' && (
        <>
          <Compared report={asked.answer} />
          <CommandAndProgram
            command={compareCommandText(request)}
            program={verbProgramText('compare', { ...request, output: 'compared' })}
            does="that compares"
          />
        </>
      )}
    </details>
  );
}

/** A grid that `limn grid` wrote: its picture lies beside it. */
export function GridPart({ path }: { readonly path: string }) {
  const file = studioFilesSignal.value.get(path.replace(/\.json$/, '.png'));
  const asked = useAsked('grid', { path }, 'reading the grid');
  const folder = folderOf(path);
  return (
    <>
      {file ? (
        <img
          class="picture grid-picture"
          src={addressOfPhoto(file)}
          alt={`heatmaps side by side, ${file.path}`}
        />
      ) : (
        <p class="hint">Its picture, grid.png, is not beside it.</p>
      )}
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'ready' && (
        <Reproduce {...gridElsewhere(asked.answer, folder === '.' ? 'grid' : folder)} does="that draws it" />
      )}
    </>
  );
}
