import { ChooseFiles, Select } from '../parts/controls.tsx';
import { clustersView, openClusters } from '../state/clusters.ts';
import { ofKind } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { ConceptsPart } from './concepts.tsx';
import { ClustersPart } from './map.tsx';

/** What heatmaps have in common, and what channels stand for. */
export function ClustersRoom() {
  const [clusters, concepts] = (['clusters', 'concepts'] as const).map((kind) =>
    ofKind(kind).map(({ path }) => folderOf(path)),
  );
  const all = [...clusters, ...concepts];
  const { of } = clustersView.value;
  const chosen = of !== undefined && all.includes(of) ? of : all[0];
  const choices = (paths: readonly string[]) => paths.map((value) => ({ value, label: value }));
  return (
    <main id="main" class="results clusters">
      <header class="results-head">
        <h1 class="title">Clusters and concepts</h1>
        {chosen !== undefined && (
          <Select
            label="Analysis"
            value={chosen}
            groups={[
              { label: 'clusters of heatmaps', choices: choices(clusters) },
              { label: 'concepts of channels', choices: choices(concepts) },
            ].filter((group) => group.choices.length > 0)}
            onChange={openClusters}
          />
        )}
      </header>
      {chosen === undefined ? (
        <>
          <p class="hint">
            Drop a folder that <code>limn clusters</code> or <code>limn concepts</code> wrote, together with
            its photos, choose it, or serve one: <code>limn studio FOLDER</code>.
          </p>
          <ChooseFiles folder onFiles={(files) => takeFiles(chosenFiles(files))}>
            Choose a folder
          </ChooseFiles>
        </>
      ) : clusters.includes(chosen) ? (
        <ClustersPart key={chosen} folder={chosen} />
      ) : (
        <ConceptsPart key={chosen} folder={chosen} />
      )}
    </main>
  );
}
