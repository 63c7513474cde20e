// SPDX-License-Identifier: Apache-2.0
// Charts of one name show the time under the mouse together. A chart hears of the others, not of itself.

export interface Follower {
  // share: how far down in the chart the mouse is, 0 to 1
  readonly follow: (time: number | null, share: number) => void;
}

const groups = new Map<string, Set<Follower>>();

export function joinCrosshair(name: string, follower: Follower): () => void {
  const group = groups.get(name) ?? new Set();
  groups.set(name, group);
  group.add(follower);
  return () => {
    group.delete(follower);
    if (group.size === 0) {
      groups.delete(name);
    }
  };
}

export function moveCrosshair(name: string, from: Follower, time: number | null, share = 0): void {
  groups.get(name)?.forEach((follower) => {
    if (follower !== from) {
      follower.follow(time, share);
    }
  });
}
