import { basename, dirname, join, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import { version } from '../../common/version.ts';
import { checkRequest } from '../../verbs/request.ts';
import { openPlan } from '../open.node.ts';
import { type WriteManifestRequest, writeManifestRequest } from '../request.ts';
import { dockerfile, jobOf } from './kubernetes.ts';

/** The files that Kubernetes is given. */
export interface WrittenManifest {
  readonly files: readonly string[];
  /** The folder that the volume must hold: the one of the plan and of all that its units read. */
  readonly folder: string;
}

/**
 * Writes an Indexed Job of Kubernetes, `job.yaml`, whose pods run a plan together, and a `Dockerfile` for its image. Both are
 * for people to look at and to submit. Errors: as of {@link openPlan}; files in the way.
 */
export async function writeManifest(
  request: WriteManifestRequest,
  { outputs }: { readonly outputs?: Outputs | undefined } = {},
): Promise<WrittenManifest> {
  if (!outputs) return withOutputs({}, (own) => writeManifest(request, { outputs: own }));
  const { plan: path, output, maxUnits: pods, ...fields } = checkRequest(writeManifestRequest, request);
  const { root, chosen } = await openPlan(path, fields.only);
  const reads = chosen.flatMap(({ inputs }) => inputs.map((each) => resolve(root, each.path)));
  const folder = commonFolder([root, ...reads.map(dirname)]);
  const job = jobOf({ ...fields, name: jobName(path), plan: resolve(path), mount: folder, pods });
  const text = `# kubectl apply -f job.yaml
# The volume of the claim '${fields.volume}' holds what is in ${folder} here, and takes writes of several pods (ReadWriteMany).
${stringify(job, { aliasDuplicateObjects: false })}`;
  const files = [
    [join(output, 'job.yaml'), text],
    [join(output, 'Dockerfile'), dockerfile(version)],
  ] as const;
  outputs.reads([path, ...reads]);
  await outputs.claim(files.map(([file]) => file));
  await outputs.writeAll(files);
  return { files: files.map(([file]) => file), folder };
}

/** The deepest folder that all folders are in, or are. */
function commonFolder(folders: readonly string[]): string {
  const [first, ...others] = folders.map((folder) => folder.split(sep));
  const shared = first.findIndex((part, i) => others.some((parts) => parts[i] !== part));
  return first.slice(0, shared < 0 ? first.length : shared).join(sep) || sep;
}

/** A name that Kubernetes takes: a label of DNS. */
const jobName = (plan: string): string => {
  const stem = basename(plan, '.json').toLowerCase();
  return `limn-${stem.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}`.slice(0, 52).replace(/-$/, '');
};
