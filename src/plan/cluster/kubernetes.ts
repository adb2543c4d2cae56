/** What a Kubernetes job for a plan is made of. */
export interface JobOptions {
  /** For people and for Kubernetes: lower case letters, digits and dashes. */
  readonly name: string;
  readonly image: string;
  /** The persistent volume claim with the folder that holds the plan and what it reads. */
  readonly volume: string;
  /** Where the volume is mounted: the folder's own path, so that paths mean the same there. */
  readonly mount: string;
  /** The plan, absolute. */
  readonly plan: string;
  readonly pods: number;
  readonly cpus?: number | undefined;
  readonly mem?: string | undefined;
  readonly settle: number;
  readonly only?: readonly string[] | undefined;
}

/** Seconds between SIGTERM and SIGKILL: enough to write a snapshot. */
const grace = 120;

/**
 * An Indexed Job (batch/v1) whose pods run one plan together: each takes units that no other has, by their locks in the shared
 * folder, and ends once all are done. So a pod that is evicted and made anew goes on, and none waits for others with an
 * index's unit in its hands.
 */
export function jobOf({ name, image, volume, mount, plan, pods, cpus, mem, settle, only }: JobOptions) {
  const resources = {
    ...(cpus !== undefined && { cpu: String(cpus) }),
    ...(mem !== undefined && { memory: mem }),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { app: 'limn' } },
    spec: {
      completionMode: 'Indexed',
      completions: pods,
      parallelism: pods,
      backoffLimitPerIndex: 3,
      // An evicted pod is no failure of its units.
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: { labels: { app: 'limn' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: grace,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
          containers: [
            {
              name: 'limn',
              image,
              args: ['run', plan, '--settle', String(settle), ...(only ? ['--only', ...only] : [])],
              resources: { requests: resources, limits: resources },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'plan', mountPath: mount },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'plan', persistentVolumeClaim: { claimName: volume } },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** An image with limn, for `docker build`: what ONNX Runtime needs, a user without rights, and nothing else. */
export const dockerfile = (
  version: string,
): string => `# limn for the pods of job.yaml. A package that was packed here: --build-arg LIMN=./limn-${version}.tgz
FROM node:22-slim AS build
ARG LIMN=limn@${version}
WORKDIR /limn
COPY . /context
RUN cd /context && npm install --prefix /limn --omit=dev --no-audit --no-fund "$LIMN"

FROM node:22-slim
COPY --from=build /limn/node_modules /limn/node_modules
USER 1000:1000
ENTRYPOINT ["node", "/limn/node_modules/limn/dist/cli/main.js"]
`;
