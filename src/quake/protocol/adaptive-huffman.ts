/**
 * Compression of the connect packet: adaptive Huffman coding (Faller, Gallager and Knuth), new for each packet. A byte
 * that comes for the first time is the code of the node NEW followed by its eight bits, highest first.
 */

type Leaf = { kind: "leaf"; byte: number };
type Fork = { kind: "fork"; left: Node; right: Node };
type Place = { weight: number; parent: (Node & Fork) | null; rank: number };
type Node = Place & (Leaf | Fork);

const NEW = 256;

class AdaptiveTree {
  private readonly newNode: Node = { kind: "leaf", byte: NEW, weight: 0, parent: null, rank: 0 };
  /** All nodes by weight, ascending; a node's rank is its index here. */
  private readonly ranked: Node[] = [this.newNode];
  private readonly leaves = new Map<number, Node>([[NEW, this.newNode]]);

  has(byte: number): boolean {
    return this.leaves.has(byte);
  }

  /** The way from the root to a byte: false is left. */
  codeOf(byte: number): boolean[] {
    const way: boolean[] = [];
    for (let node = this.leaves.get(byte); node?.parent; node = node.parent) way.push(node.parent.right === node);
    return way.toReversed();
  }

  count(byte: number): void {
    const leaf = this.leaves.get(byte);
    if (leaf) this.increment(leaf);
    else this.increment(this.grow(byte));
  }

  /** Puts a fork in the place of NEW, with NEW on its left and the byte on its right; gives what is above it. */
  private grow(byte: number): Node | null {
    const above = this.newNode.parent;
    const leaf: Node = { kind: "leaf", byte, weight: 1, parent: null, rank: 1 };
    const fork: Node & Fork = { kind: "fork", left: this.newNode, right: leaf, weight: 1, parent: above, rank: 2 };
    if (above) replaceChild(above, this.newNode, fork);
    this.newNode.parent = fork;
    leaf.parent = fork;
    this.leaves.set(byte, leaf);
    this.ranked.splice(1, 0, leaf, fork);
    for (let rank = 3; rank < this.ranked.length; rank++) this.at(rank).rank = rank;
    return above;
  }

  /** Adds one to a node and all above it; a node first takes the place of the last one of its weight. */
  private increment(node: Node | null): void {
    if (!node) return;
    const leader = this.leaderOf(node);
    if (leader !== node) {
      if (leader !== node.parent) exchange(leader, node);
      this.exchangeRanks(leader, node);
    }
    node.weight++;
    const { parent } = node;
    if (!parent) return;
    this.increment(parent);
    if (parent.rank === node.rank - 1) this.exchangeRanks(node, parent);
  }

  private leaderOf(node: Node): Node {
    let { rank } = node;
    while (this.ranked[rank + 1]?.weight === node.weight) rank++;
    return this.at(rank);
  }

  private exchangeRanks(one: Node, other: Node): void {
    [one.rank, other.rank] = [other.rank, one.rank];
    this.ranked[one.rank] = one;
    this.ranked[other.rank] = other;
  }

  private at(rank: number): Node {
    return this.ranked[rank] ?? this.newNode;
  }
}

function replaceChild(parent: Fork, old: Node, child: Node): void {
  if (parent.left === old) parent.left = child;
  else parent.right = child;
}

/** Exchanges two subtrees, neither of which contains the other. */
function exchange(one: Node, other: Node): void {
  const [above, beyond] = [one.parent, other.parent];
  if (above && above === beyond) [above.left, above.right] = [above.right, above.left];
  else {
    if (above) replaceChild(above, one, other);
    if (beyond) replaceChild(beyond, other, one);
  }
  [one.parent, other.parent] = [beyond, above];
}

/** The compressed form of some bytes: their number as two bytes, high first, and their codes, low bits first. */
export function compress(bytes: Uint8Array): Uint8Array {
  const tree = new AdaptiveTree();
  const bits: boolean[] = [];
  for (const byte of bytes) {
    if (tree.has(byte)) bits.push(...tree.codeOf(byte));
    else {
      bits.push(...tree.codeOf(NEW));
      for (let bit = 7; bit >= 0; bit--) bits.push(((byte >> bit) & 1) === 1);
    }
    tree.count(byte);
  }
  const packed = new Uint8Array(2 + (bits.length >> 3) + 1);
  packed[0] = bytes.length >> 8;
  packed[1] = bytes.length & 255;
  for (const [index, bit] of bits.entries()) {
    const at = 2 + (index >> 3);
    if (bit) packed[at] = (packed[at] ?? 0) | (1 << (index & 7));
  }
  return packed;
}
