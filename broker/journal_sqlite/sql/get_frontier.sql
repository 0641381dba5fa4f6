select frontier from tree
