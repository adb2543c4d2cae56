import { signal } from '@preact/signals';
import type { Device, DeviceChoice } from '../../hosts/devices.ts';

/* What computes: a person may choose, and an address may say so for this visit. */

const key = 'limn-studio-device';
const choices: readonly DeviceChoice[] = ['automatic', 'webgpu', 'wasm'];

/** `?gpu=1` and `?gpu=0` in the address. */
const said: Readonly<Record<string, DeviceChoice>> = { '1': 'webgpu', '0': 'wasm' };

const chosenBefore = (): DeviceChoice => {
  const kept = localStorage.getItem(key);
  return choices.find((each) => each === kept) ?? 'automatic';
};

export const deviceChoice = signal<DeviceChoice>(
  said[new URLSearchParams(location.search).get('gpu') ?? ''] ?? chosenBefore(),
);

/** What has computed last. */
export const device = signal<Device>({ provider: 'wasm' });

/** Chooses, for other visits, too. */
export function chooseDevice(choice: DeviceChoice): void {
  deviceChoice.value = choice;
  localStorage.setItem(key, choice);
}
