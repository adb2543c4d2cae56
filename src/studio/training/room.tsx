import { useEffect, useRef, useState } from 'preact/hooks';
import { Chart } from '../parts/chart.tsx';
import { ChooseFiles, Segments, Slider } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { chartPicture, PinButton } from '../parts/pin.tsx';
import { ReportTable } from '../parts/reporttable.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { drawnSvg, saveFile } from '../parts/save.ts';
import type { CurvesRequest, ShownCurves } from '../protocol/index.ts';
import { askWorker, useAsked } from '../state/asked.ts';
import { plotCommandText } from '../state/commands.ts';
import { folderName, ofKind } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { plotProgramText } from '../state/programs.ts';
import { showTraining, trainingView } from '../state/training.ts';
import { PinnedPart } from './pinned.tsx';

/** What a panel is wide at most, and what stands beside its marks. */
const widest = 1100;
const beside = 110;

/** Trainings: their curves, which follow while they go on. */
export function TrainingRoom() {
  const all = ofKind('run').map(({ path }) => folderOf(path));
  const { runs } = trainingView.value;
  const known = runs.filter((run) => all.includes(run));
  const chosen = known.length > 0 ? known : all.slice(0, 1);
  return (
    <main id="main" class="training">
      <h1 class="title">Training</h1>
      {all.length === 0 ? (
        <>
          <p class="hint">
            Drop the folder of a training, choose it, or serve one: <code>limn studio FOLDER</code>. Curves
            follow while <code>limn train</code> writes into it.
          </p>
          <ChooseFiles folder onFiles={(files) => takeFiles(chosenFiles(files))}>
            Choose a folder
          </ChooseFiles>
        </>
      ) : (
        <RunsPart all={all} chosen={chosen} />
      )}
    </main>
  );
}

function RunsPart({ all, chosen }: { readonly all: readonly string[]; readonly chosen: readonly string[] }) {
  const place = useRef<HTMLDivElement>(null);
  const width = useSteadyWidth(place);
  const request = requestOfRuns(chosen, panelOf(width));
  const asked = useAsked('curves', width === 0 ? undefined : request, 'drawing curves');
  const shown = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <div class="training-parts">
      <aside class="training-side" aria-label="what is drawn">
        <fieldset class="runs">
          <legend>Runs</legend>
          {all.map((run) => (
            <label key={run} class="check">
              <input
                type="checkbox"
                checked={chosen.includes(run)}
                disabled={chosen.length === 1 && chosen[0] === run}
                onChange={({ currentTarget }) =>
                  showTraining({
                    runs: currentTarget.checked ? [...chosen, run] : chosen.filter((each) => each !== run),
                  })
                }
              />{' '}
              {run}
            </label>
          ))}
        </fieldset>
        {shown && <DrawingForm shown={shown} />}
      </aside>
      <div ref={place} class="training-main">
        {asked.state === 'failed' && <Failure asked={asked} />}
        {shown && <CurvesPart request={request} shown={shown} stale={asked.state === 'asking'} />}
        {!shown && asked.state !== 'failed' && <Waiting text="drawing curves" />}
        <PinnedPart runs={chosen} width={panelOf(width)} />
      </div>
    </div>
  );
}

const panelOf = (width: number): number => Math.max(160, Math.min(widest, width - beside));

/** What is asked of runs, as the settings are. */
function requestOfRuns(runs: readonly string[], width: number): CurvesRequest {
  const { what, x, smooth, log } = trainingView.value;
  const [first, ...rest] = runs;
  return { runs: [first, ...rest], what: [...what], x, log, width, ...(smooth !== undefined && { smooth }) };
}

function CurvesPart({
  request: { width: _, ...request },
  shown,
  stale,
}: {
  readonly request: CurvesRequest;
  readonly shown: ShownCurves;
  readonly stale: boolean;
}) {
  const save = async (drawn: boolean) => {
    for (const { name, bytes } of await askWorker('plot', request, { text: 'writing the chart' })) {
      if (drawn) saveFile(name.replace(/svg$/, 'png'), await drawnSvg(new TextDecoder().decode(bytes)));
      else saveFile(name, bytes);
    }
  };
  return (
    <>
      <Chart label="curves" svg={shown.svg} stale={stale} />
      {folderName.value !== undefined && <p class="hint">The curves follow what is written.</p>}
      <ReportTable table={shown.table} />
      <div class="buttons">
        <button type="button" onClick={() => save(true)}>
          Curves, PNG
        </button>
        <button type="button" onClick={() => save(false)}>
          Curves, SVG
        </button>
        <PinButton
          seen={async () => {
            const [{ bytes }] = await askWorker('plot', request, { text: 'drawing the chart' });
            const [first] = shown.table.rows;
            return {
              title: `Training of ${request.runs.join(', ')}`,
              facts: shown.table.columns.flatMap(({ title }, i) => {
                const cell = first?.[i];
                return cell === undefined
                  ? []
                  : [[title, typeof cell === 'string' ? cell : cell.text] as const];
              }),
              pictures: [await chartPicture(new TextDecoder().decode(bytes), 'curves')],
              command: plotCommandText(request),
              program: plotProgramText(request),
            };
          }}
        />
      </div>
      <Reproduce
        command={plotCommandText(request)}
        program={plotProgramText(request)}
        does="that draws the curves"
      />
    </>
  );
}

function DrawingForm({ shown: { metrics, smooth: usual, timed } }: { readonly shown: ShownCurves }) {
  const { what, x, smooth, log } = trainingView.value;
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="runs">
        <legend>Measures; the usual ones where none is chosen</legend>
        {metrics.map((metric) => (
          <label key={metric} class="check">
            <input
              type="checkbox"
              checked={what.includes(metric)}
              onChange={({ currentTarget }) =>
                showTraining({
                  what: currentTarget.checked ? [...what, metric] : what.filter((each) => each !== metric),
                })
              }
            />{' '}
            {metric}
          </label>
        ))}
      </fieldset>
      {timed && (
        <Segments
          label="Over"
          value={x}
          choices={[
            { value: 'iteration', label: 'iterations' },
            { value: 'time', label: 'time' },
          ]}
          onChange={(value) => showTraining({ x: value })}
        />
      )}
      <Segments
        label="Losses on an axis that is"
        value={log ? 'log' : 'linear'}
        choices={[
          { value: 'linear', label: 'linear' },
          { value: 'log', label: 'logarithmic' },
        ]}
        onChange={(value) => showTraining({ log: value === 'log' })}
      />
      <Slider
        label="Running mean over"
        value={smooth ?? usual}
        least={0}
        most={Math.max(200, usual)}
        step={1}
        text={(smooth ?? usual) < 2 ? 'nothing' : `${smooth ?? usual} lines of the log`}
        onChange={(value) => showTraining({ smooth: value })}
      />
    </form>
  );
}

/** The width of an element, once it stays the same for a moment: a chart is drawn anew for it. */
function useSteadyWidth(element: preact.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const next = Math.floor(contentRect.width / 20) * 20;
      clearTimeout(timer);
      timer = setTimeout(() => setWidth(next), 150);
    });
    if (element.current) observer.observe(element.current);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, []);
  return width;
}
