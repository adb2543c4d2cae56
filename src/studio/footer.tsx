import { plural } from '../common/format.ts';
import { version } from '../common/version.ts';
import { webThreads } from '../common/webthreads.ts';
import type { DeviceChoice } from '../hosts/devices.ts';
import { Select } from './parts/controls.tsx';
import { client, forgetAnswers } from './state/asked.ts';
import { chooseDevice, device, deviceChoice } from './state/device.ts';
import { clearKept, folderName } from './state/files.ts';
import { keepFindings } from './state/notebook.ts';

const deviceNames: readonly { readonly value: DeviceChoice; readonly label: string }[] = [
  { value: 'automatic', label: 'what is faster' },
  { value: 'webgpu', label: 'the GPU (WebGPU)' },
  { value: 'wasm', label: 'the processor (WebAssembly)' },
];

/** What the page is, where it computes, and a way to forget what it keeps. */
export function Footer() {
  return (
    <footer class="bottom">
      <p>
        {folderName.value !== undefined && <>Folder {folderName.value}. </>}
        <span class="device">{deviceText()}</span> Nothing leaves it. limn {version}.
      </p>
      <Select
        label="Compute with"
        value={deviceChoice.value}
        choices={deviceNames}
        onChange={(choice) => {
          chooseDevice(choice);
          client.compute(choice);
          forgetAnswers();
        }}
      />
      <button
        type="button"
        onClick={async () => {
          await clearKept();
          keepFindings([]);
          location.hash = '';
          location.reload();
        }}
      >
        Forget everything kept in this browser
      </button>
    </footer>
  );
}

function deviceText(): string {
  const { provider, gpu, note } = device.value;
  if (provider === 'webgpu') return `Computed in this page by WebGPU${gpu ? ` (${gpu})` : ''}.`;
  return `${note ?? 'Computed in this page by WebAssembly'}, in ${plural(webThreads(), 'thread')}.`;
}
