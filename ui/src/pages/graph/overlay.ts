/** The layer above the graph: marks, and traffic that moves. One frame at a time, none if hidden. */
import { tokenColour } from "../../app/theme";
import { lookColour } from "./drawing-style";
import type { Point } from "./layout";
import { edgeMarks, type Mark, nodeMark, SIGNS } from "./marks";
import { type Flow, flowsOf, type Particle, particlesOf } from "./particles";
import { type Path, pointAt } from "./paths";
import type { Scene } from "./scene";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

interface Sight {
  zoom: number;
  pan: Point;
  scene: Scene;
  positionOf: (id: string) => Point | undefined;
  pathOf: (id: string) => Path | undefined;
  isBehind: (id: string) => boolean;
}

/** Milliseconds between frames; smoother than this costs more than it shows. */
const FRAME_MS = 33;
/** Where on an edge its marks stand, so that its label in the middle stays free. */
const MARK_SHARE = 0.27;

export class Overlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #look: () => Sight;
  #flows: readonly Flow[] = [];
  #paths = new Map<string, Path | undefined>();
  #isAnimated = false;
  #frame = 0;
  #drawnMs = 0;

  constructor(canvas: HTMLCanvasElement, look: () => Sight) {
    this.#canvas = canvas;
    this.#look = look;
    this.resize();
  }

  setScene(scene: Scene): void {
    this.#flows = flowsOf(scene.edges);
    this.forget();
    this.draw();
  }

  /** Forget the lines of edges, which have moved. */
  forget(): void {
    this.#paths.clear();
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = window.devicePixelRatio;
    this.#canvas.width = clientWidth * ratio;
    this.#canvas.height = clientHeight * ratio;
    this.draw();
  }

  /** Frames stop by themselves while the page is hidden. */
  animate(isOn: boolean): void {
    this.#isAnimated = isOn;
    cancelAnimationFrame(this.#frame);
    if (isOn) {
      this.#frame = requestAnimationFrame(this.#step);
    } else {
      this.draw();
    }
  }

  #step = (nowMs: number) => {
    if (nowMs - this.#drawnMs >= FRAME_MS) {
      this.#drawnMs = nowMs;
      this.draw();
    }
    this.#frame = requestAnimationFrame(this.#step);
  };

  draw(): void {
    const context = this.#canvas.getContext("2d");
    if (!context) {
      return;
    }
    const { zoom, pan, scene, positionOf, isBehind, pathOf } = this.#look();
    const ratio = window.devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(zoom * ratio, 0, 0, zoom * ratio, pan.x * ratio, pan.y * ratio);
    const kept = (id: string) => {
      if (!this.#paths.has(id)) {
        this.#paths.set(id, pathOf(id));
      }
      return this.#paths.get(id);
    };
    if (this.#isAnimated) {
      const flows = this.#flows.filter(({ id }) => !isBehind(id));
      drawTraffic(context, flows, kept, performance.now() / 1000);
    }
    for (const mark of marksOf(scene, kept, positionOf, isBehind)) {
      drawMark(context, mark);
    }
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }
}

/** Return all marks of a scene, without those of what stands back. */
export function marksOf(
  scene: Scene,
  pathOf: (id: string) => Path | undefined,
  positionOf: (id: string) => Point | undefined,
  isBehind: (id: string) => boolean = () => false,
): Mark[] {
  const ofEdges = scene.edges.flatMap(({ id, look, isMutualTls }) => {
    const path = isBehind(id) ? undefined : pathOf(id);
    return path ? edgeMarks(look, isMutualTls, pointAt(path, MARK_SHARE)) : [];
  });
  const ofNodes = scene.nodes.flatMap(({ id, look }) => {
    const position = isBehind(id) ? undefined : positionOf(id);
    return position ? nodeMark(look, position) : [];
  });
  return [...ofEdges, ...ofNodes];
}

export function drawMark(context: Context, { sign, look, x, y }: Mark): void {
  const { body, strokes } = SIGNS[sign];
  context.save();
  context.translate(x, y);
  context.lineJoin = "round";
  context.lineCap = "round";
  context.lineWidth = 1.4;
  const colour = sign === "lock" ? tokenColour("--text-muted") : lookColour(look);
  context.strokeStyle = sign === "lock" ? colour : tokenColour("--surface");
  context.fillStyle = colour;
  if (sign === "alarm") {
    context.stroke(new Path2D(body));
  }
  context.fill(new Path2D(body));
  context.stroke(new Path2D(strokes));
  context.restore();
}

function drawTraffic(
  context: CanvasRenderingContext2D,
  flows: readonly Flow[],
  pathOf: (id: string) => Path | undefined,
  seconds: number,
): void {
  const wrong: Particle[] = [];
  context.fillStyle = tokenColour("--accent");
  context.beginPath();
  for (const flow of flows) {
    const path = pathOf(flow.id);
    for (const particle of path ? particlesOf(flow, path, seconds) : []) {
      if (particle.isError) {
        wrong.push(particle);
      } else {
        context.moveTo(particle.x + 2.4, particle.y);
        context.arc(particle.x, particle.y, 2.4, 0, 2 * Math.PI);
      }
    }
  }
  context.fill();
  // Diamonds, as in Kiali: red is not their only sign.
  context.fillStyle = tokenColour("--error");
  context.beginPath();
  for (const { x, y } of wrong) {
    context.moveTo(x, y - 4.2);
    context.lineTo(x + 4.2, y);
    context.lineTo(x, y + 4.2);
    context.lineTo(x - 4.2, y);
    context.closePath();
  }
  context.fill();
}
