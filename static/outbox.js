// What is not acknowledged yet, for a reload and a second tab to find.
const memory = new Map();
let disk = null;
try {
  disk = window.localStorage;
  disk.getItem("sevenstep");
} catch {
  disk = null; // storage is blocked: this page alone remembers
}

export const kept = {
  get(key) {
    return memory.get(key) ?? disk?.getItem(key) ?? null;
  },
  set(key, value) {
    memory.delete(key);
    try {
      if (disk) return disk.setItem(key, value);
    } catch {
      // full: keep it here
    }
    memory.set(key, value);
  },
  drop(key) {
    memory.delete(key);
    disk?.removeItem(key);
  },
  keys(prefix) {
    const all = [...memory.keys()];
    for (let n = 0; n < (disk?.length ?? 0); n++) all.push(disk.key(n));
    return all.filter((key) => key.startsWith(prefix)).sort();
  },
};

// crypto.randomUUID is missing on plain http addresses other than localhost.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** One key for each command, so that two tabs never overwrite each other's. */
export class Outbox {
  constructor(session) {
    this.prefix = `sevenstep/${session}/out/`;
  }

  list(type) {
    const items = kept.keys(this.prefix).map((key) => ({ key, ...JSON.parse(kept.get(key)) }));
    return type ? items.filter((item) => item.type === type) : items;
  }

  /** `aside`: not what stands in the composer. */
  put(type, body, aside = false) {
    const last = kept.keys(this.prefix).at(-1);
    const number = last ? parseInt(last.slice(this.prefix.length), 10) + 1 : 1;
    const item = { cmd: uuid(), type, body, aside, tried: false };
    kept.set(`${this.prefix}${String(number).padStart(9, "0")}-${item.cmd}`, JSON.stringify(item));
    return item;
  }

  /** From now on the server may have it, whatever we hear back. */
  tried({ key, ...item }) {
    if (!item.tried && kept.get(key)) kept.set(key, JSON.stringify({ ...item, tried: true }));
  }

  drop(cmd) {
    for (const key of kept.keys(this.prefix)) if (key.endsWith(cmd)) kept.drop(key);
  }
}
