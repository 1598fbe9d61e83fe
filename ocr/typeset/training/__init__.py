"""How ``model.onnx`` is made; needs torch and onnx, which the product does not."""
